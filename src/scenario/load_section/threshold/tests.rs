use proptest::prelude::*;

use super::*;

#[test]
fn thresholds_are_read_and_written_alike() {
    let check = |text: &str, again: &str| {
        let threshold: Threshold = text.parse().expect(text);
        assert_eq!(threshold.to_string(), again);
        assert_eq!(again.parse(), Ok(threshold));
        let json = serde_json::to_value(threshold).expect("a threshold is JSON");
        assert_eq!(json, again);
        assert_eq!(serde_json::from_value::<Threshold>(json).ok(), Some(threshold));
    };
    check("p99 < 20ms", "p99 < 20ms");
    check("p99<20ms", "p99 < 20ms");
    check("  jobs   p95<= 2 s ", "jobs p95 <= 2s");
    check("show_job p99.99 < 800us", "show_job p99.99 < 800us");
    check("max < 1500ms", "max < 1.5s");
    check("mean < 0.25ms", "mean < 250us");
    check("jobs max < 1.5m", "jobs max < 90s");
    check("errors < 0.1%", "errors < 0.1%");
    check("add_members errors<=10", "add_members errors <= 10");
    check("rate >= 499.5", "rate >= 499.5");
    check("transactions rate > 100", "transactions rate > 100");
    check("jobs failed = 0", "jobs failed = 0");
    check("jobs given_up < 1 %", "jobs given_up < 1%");
    check("dropped = 0%", "dropped = 0%");
    check("transactions late < 5%", "transactions late < 5%");
    check("violations=0", "violations = 0");
}

#[test]
fn a_wrong_threshold_is_told_which_part_is_wrong_and_what_would_be_right() {
    let check = |text: &str, says: &str| {
        let error = text.parse::<Threshold>().expect_err(text);
        assert!(error.contains(says), "{text}: {error}");
    };
    check("", "has none of `<`");
    check("p99 20ms", "`p99 20ms` has none of `<`");
    check("p99 <", "`p99 <` has no value");
    check("< 20ms", "does not say of which metric");
    check("p99 == 20ms", "`==` is not one of `<`, `<=`, `>`, `>=` and `=`; did you mean `=`?");
    check("p99 != 20ms", "`!=` is not one of");
    check("p99 => 20ms", "`=>` is not one of");
    check("p98 < 20ms", "`p98` is no metric; did you mean `p9");
    check("eror < 1%", "did you mean `errors`?");
    check("show_job < 20ms", "`show_job` is a scope, and no metric follows");
    check("show_jobs p99 < 20ms", "`show_jobs` is no scope; did you mean `show_job`?");
    check("all my p99 < 20ms", "`all my p99` is more than a scope and a metric");
    check("p99 < 20", "`p99`: `20` has no unit");
    check("p99 < 20 parsecs", "`20 parsecs` is not a duration");
    check("p99 < 0.5us", "no finer than a microsecond");
    check("p99 < .5ms", "`.5ms` is not a duration");
    check("p99 = 20ms", "would hold by accident alone");
    check("rate = 20", "would hold by accident alone");
    check("errors < 0.01", "`0.01` is not a share such as `0.1%`");
    check("errors < 0.01", "as a share it is `1%`");
    check("errors < 101%", "is more than all");
    check("errors < -1", "`-1` is not a share");
    check("rate > 1e3", "`1e3` is not a number in a second");
    check("count > 1.5", "`1.5` is not a whole number");
    check("failed = 0", "`failed` is a metric of jobs; write `jobs failed`");
    check("broken_off = 0", "write `transactions broken_off`");
    check("jobs lost = 0", "`lost` is of the run as a whole");
    check("jobs errors = 0", "there is no `errors` of `jobs`; there are p50");
    check("transactions p99 < 1s", "there is no `p99` of `transactions`");
    check(&format!("p99 < {}ms", "9".repeat(300)), "a threshold has at most 200");
}

fn limit(measure: Measure) -> BoxedStrategy<Limit> {
    let decimal = |most: u32| (0..=most).prop_map(|number| f64::from(number) / 1_000_000.0);
    match measure {
        Measure::Duration => (0..10_u64.pow(14)).prop_map(Limit::Micros).boxed(),
        Measure::Rate => decimal(u32::MAX).prop_map(Limit::PerSecond).boxed(),
        Measure::Count => (0..10_u64.pow(9)).prop_map(Limit::Count).boxed(),
        Measure::Part => prop_oneof![
            (0..10_u64.pow(9)).prop_map(Limit::Count),
            decimal(100_000_000).prop_map(Limit::Percent)
        ]
        .boxed(),
    }
}

fn any() -> impl Strategy<Value = Threshold> {
    let scopes: Vec<Scope> = std::iter::once(Scope::All).chain(Scope::written()).collect();
    let pairs: Vec<(Scope, Metric)> = scopes
        .iter()
        .flat_map(|scope| Metric::all().map(|(_, metric)| (*scope, metric)))
        .filter(|(scope, metric)| metric.is_of(*scope))
        .collect();
    let relation = prop::sample::select(Relation::ALL.to_vec());
    (prop::sample::select(pairs), relation).prop_flat_map(|((scope, metric), relation)| {
        let exact = matches!(metric.measure(), Measure::Count | Measure::Part);
        let relation =
            if exact || relation != Relation::Equal { relation } else { Relation::Below };
        limit(metric.measure()).prop_map(move |limit| Threshold { scope, metric, relation, limit })
    })
}

/// A validator for thresholds alone.
fn schema() -> jsonschema::Validator {
    let schema = schemars::schema_for!(Threshold);
    jsonschema::draft202012::new(schema.as_value()).expect("the schema makes a validator")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_it_was(threshold in any()) {
        let text = threshold.to_string();
        prop_assert_eq!(text.parse(), Ok(threshold));
        prop_assert_eq!(text.replace(' ', "").parse::<Threshold>().is_ok(), threshold.scope == Scope::All);
    }

    #[test]
    fn schema_and_reader_take_the_same(
        text in "(jobs |show_job |transactions |job )?(p99|p99\\.9|errors|rate|failed|lost|p9)( ?)(<|<=|=|==)( ?)[0-9]{1,10}(\\.[0-9]{1,7})?(us|ms|s|m|%| %|x|)"
    ) {
        let takes = schema().is_valid(&serde_json::Value::String(text.clone()));
        prop_assert_eq!(takes, text.parse::<Threshold>().is_ok(), "{}", text);
    }
}
