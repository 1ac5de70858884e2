//! Which codes an operation can answer by itself.

use super::super::operation::Family;
use super::super::{Code, Operation};

/// The codes with which an operation can be refused, in the order of the checks.
pub(super) fn of(operation: Operation) -> Vec<Code> {
    let mut codes = gateway(operation);
    codes.extend(own(operation));
    codes
}

/// What the gateway says before the service is asked.
fn gateway(operation: Operation) -> Vec<Code> {
    let mut codes = vec![Code::ApiNotFound, Code::EntityTooLarge, Code::Throttled, Code::Img0001];
    if !operation.is_open() {
        codes.extend([
            Code::TokenMissing,
            Code::TokenUnknown,
            Code::TokenExpired,
            Code::SignatureUnreadable,
            Code::SignatureWrong,
            Code::AccessKeyUnknown,
            Code::ProjectUnavailable,
        ]);
        if operation.family() != Family::Identity {
            codes.push(Code::Img0087);
        }
    }
    if !operation.actions().is_empty() {
        codes.push(Code::Img0026);
    }
    codes
}

/// What the service itself says.
fn own(operation: Operation) -> &'static [Code] {
    match operation {
        Operation::AddMembers | Operation::DeleteMembers => {
            &[Code::Img0007, Code::Img0105, Code::Img0066, Code::Img0067, Code::ServiceUnavailable]
        }
        Operation::UpdateMembers => &[
            Code::Img0007,
            Code::Img0105,
            Code::Img0066,
            Code::Img0067,
            Code::Img0030,
            Code::ServiceUnavailable,
        ],
        Operation::ShowJob => &[Code::Img0030, Code::Img0023],
        Operation::ShowJobProgress => &[Code::Img0023],
        Operation::ListMembers => &[
            Code::NativeImageNotFound,
            Code::NativeListForbidden,
            Code::NativeLimitWrong,
            Code::NativeMarkerWrong,
        ],
        Operation::AddMember => &[
            Code::NativeBodyMissing,
            Code::NativeBodyMalformed,
            Code::NativeMemberForm,
            Code::NativeMemberMissing,
            Code::NativeMemberEmpty,
            Code::NativeImageNotFound,
            Code::NativeAddForbidden,
            Code::NativeMemberUnknown,
            Code::NativeMemberDuplicate,
            Code::NativeMemberLimit,
        ],
        Operation::UpdateMember => &[
            Code::NativeBodyMissing,
            Code::NativeBodyMalformed,
            Code::NativeStatusForm,
            Code::NativeStatusMissing,
            Code::NativeVaultForm,
            Code::NativeImageNotFound,
            Code::NativeUpdateForbidden,
            Code::NativeMemberNotFound,
            Code::NativeStatusWrong,
            Code::NativeVaultUnknown,
        ],
        Operation::DeleteMember => {
            &[Code::NativeImageNotFound, Code::NativeDeleteForbidden, Code::NativeMemberNotFound]
        }
        Operation::DeleteImage => {
            &[Code::NativeImageNotFound, Code::NativeImageForbidden, Code::NativeImageProtected]
        }
        Operation::ListMembersLater => {
            &[Code::Img0030, Code::Img0017, Code::LaterImageNotFound, Code::LaterListForbidden]
        }
        Operation::ShowMemberLater => {
            &[Code::Img0030, Code::Img0017, Code::LaterImageNotFound, Code::LaterMemberNotFound]
        }
        Operation::ShowSchema => &[Code::NativeSchemaNotFound],
        Operation::ShowMember => &[Code::NativeImageNotFound, Code::NativeMemberNotFound],
        Operation::ListCloudImages | Operation::ListImages => &[Code::Img0017],
        Operation::ShowImage => &[Code::NativeImageNotFound],
        Operation::CreateToken => &[
            Code::IdentityBadRequest,
            Code::IdentityUnauthorized,
            Code::IdentityNotHis,
            Code::IdentityNotFound,
        ],
        Operation::ShowToken => &[Code::IdentityBadRequest, Code::IdentityNotFound],
        Operation::ShowProject => &[Code::IdentityNotFound],
        _ => &[],
    }
}
