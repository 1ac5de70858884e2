//! Calls that a step of their own would send just so.

use super::*;

#[test]
fn calls_that_a_step_would_send_are_told_by_names() {
    check(
        &[answered(share(), 0), answered(show_job(1_500), 1_501)],
        &[
            SHARED,
            r#"{ "wait": { "until": "1s 500ms" } }"#,
            r#"{ "show_job": { "token": "studio", "job": "job-1", "expect": { "body": { "job_id": "${job-1}", "status": "INIT" } } } }"#,
        ],
    );
    let update = CallRecord {
        operation: Operation::UpdateMembers,
        method: "PUT".into(),
        ..batch(
            0,
            &format!("{{\"images\":[\"{WEB}\"],\"project_id\":\"{LAB}\",\"status\":\"accepted\"}}"),
        )
    };
    check(
        &[answered(update, 0)],
        &[
            r#"{ "update_members": { "token": "studio", "images": ["web"], "project": "lab", "status": "accepted", "save": "job-1" } }"#,
        ],
    );
    let path = format!("/v2/images/{WEB}/members/{LAB}");
    check(
        &[answered(call(0, Operation::ShowMember, &path, "", "{\"status\":\"pending\"}"), 0)],
        &[
            r#"{ "show_member": { "token": "studio", "image": "web", "member": "lab", "expect": { "body": { "status": "pending" } } } }"#,
        ],
    );
}

#[test]
fn lists_of_images_are_told_by_names_where_a_step_writes_their_query_so() {
    let check_list = |operation: Operation, query: &str, expected: &str| {
        let target = format!("{}{query}", operation.path());
        check(&[answered(call(0, operation, &target, "", "{\"images\":[]}"), 0)], &[expected]);
    };
    let images = r#""expect": { "body": { "images": [] } }"#;
    let named = |name: &str, query: &str| {
        format!(r#"{{ "{name}": {{ "token": "studio", {query}{images} }} }}"#)
    };
    check_list(Operation::ListCloudImages, "", &named("list_cloud_images", ""));
    check_list(
        Operation::ListCloudImages,
        &format!("?limit=100&owner=&marker={WEB}&id={WEB}"),
        &named(
            "list_cloud_images",
            r#""query": { "limit": "100", "owner": "", "marker": "web", "id": "web" }, "#,
        ),
    );
    check_list(
        Operation::ListImages,
        &format!("?tag=env=prod&tag=%24%7Ba%7D&created_at=gt:2025-01-01%2000:00:00&owner={LAB}"),
        &named(
            "list_images",
            r#""query": { "tag": ["env=prod", "$${a}"], "created_at": "gt:2025-01-01 00:00:00", "owner": "lab" }, "#,
        ),
    );
    // Other ways to write the same, and names that only a step would take for such.
    for query in
        ["?", "?tag=a+b", "?tag=a&x=1&tag=b", "?limit", "?marker=web", "?owner=me", "?a=%2f"]
    {
        let raw = format!(
            r#"{{ "request": {{ "method": "GET", "path": "/v2/cloudimages{query}", "token": "studio", {images} }} }}"#
        );
        check_list(Operation::ListCloudImages, query, &raw);
    }
    let show =
        call(0, Operation::ShowImage, &format!("/v2/images/{WEB}"), "", "{\"name\":\"web\"}");
    check(
        &[answered(show, 0)],
        &[
            r#"{ "show_image": { "token": "studio", "image": "web", "expect": { "body": { "name": "web" } } } }"#,
        ],
    );
    let quota = call(0, Operation::ShowQuota, "/v1/cloudimages/quota", "", "{\"quotas\":{}}");
    check(
        &[answered(quota, 0)],
        &[r#"{ "show_quota": { "token": "studio", "expect": { "body": { "quotas": {} } } } }"#],
    );
    // A replay has another address than the server that was recorded.
    let answer = r#"{"versions":[{"id":"v2","links":[{"href":"http://here"}]}]}"#;
    let versions = call(0, Operation::ListVersions, "/", "", answer);
    check(
        &[answered(CallRecord { status: 300, ..versions }, 0)],
        &[
            r#"{ "request": { "method": "GET", "path": "/", "token": "studio", "expect": { "status": 300, "body": { "versions": [{ "id": "v2" }] } } } }"#,
        ],
    );
}

#[test]
fn native_calls_that_a_step_would_send_are_told_by_names() {
    let path = format!("/v2/images/{WEB}/members");
    let member = format!("{path}/{LAB}");
    let native = |operation: Operation, target: &str, body: &str, status: u16| {
        let method = operation.method().expect("it has one");
        let answer = if status == 200 { "{\"status\":\"accepted\"}" } else { "" };
        let call = call(0, operation, target, body, answer);
        answered(CallRecord { method: method.into(), status, ..call }, 0)
    };
    let added = format!("{{\"member\": \"{LAB}\"}}");
    let picture = format!("/v2/images/{WEB}");
    check(
        &[
            native(Operation::AddMember, &path, &added, 200),
            native(Operation::UpdateMember, &member, "{\"status\": \"accepted\"}", 200),
            native(Operation::DeleteMember, &member, "{}", 204),
            native(Operation::DeleteMember, &member, "", 200),
            native(Operation::DeleteImage, &picture, "", 204),
        ],
        &[
            r#"{ "add_member": { "token": "studio", "image": "web", "member": "lab", "expect": { "body": { "status": "accepted" } } } }"#,
            r#"{ "update_member": { "token": "studio", "image": "web", "member": "lab", "status": "accepted", "expect": { "body": { "status": "accepted" } } } }"#,
            r#"{ "delete_member": { "token": "studio", "image": "web", "member": "lab" } }"#,
            r#"{ "delete_member": { "token": "studio", "image": "web", "member": "lab", "expect": { "status": 200, "body": { "status": "accepted" } } } }"#,
            r#"{ "delete_image": { "token": "studio", "image": "web" } }"#,
        ],
    );
    // What a step would not send is told as it was sent.
    let more = format!("{{\"member\": \"{LAB}\", \"more\": 1}}");
    let expected = format!(
        r#"{{ "request": {{ "method": "POST", "path": "{path}", "token": "studio", "body": {{ "member": "{LAB}", "more": 1 }}, "expect": {{ "body": {{ "status": "accepted" }} }} }} }}"#
    );
    check(&[native(Operation::AddMember, &path, &more, 200)], &[&expected]);
}
