//! The words that fields and filters of images take. Contract, "Read endpoints".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Writes enums that are words on the wire, each with its word and its reader.
macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $word:literal, )* } )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
            pub enum $name {
                $( $(#[$variant_doc])* #[serde(rename = $word)] $variant, )*
            }

            impl $name {
                /// The word on the wire.
                #[must_use]
                pub const fn as_str(self) -> &'static str {
                    match self {
                        $( Self::$variant => $word, )*
                    }
                }

                /// What has this word; `None` if nothing has.
                #[must_use]
                pub fn parse(word: &str) -> Option<Self> {
                    match word {
                        $( $word => Some(Self::$variant), )*
                        _ => None,
                    }
                }
            }
        )*
    };
}

words! {
    /// The status of an image.
    #[derive(Default)]
    ImageStatus {
        /// Waits for its data.
        Queued = "queued",
        /// Its data is being written.
        Saving = "saving",
        /// Deleted, not yet gone.
        Deleted = "deleted",
        /// Its upload failed.
        Killed = "killed",
        /// Usable.
        #[default]
        Active = "active",
    }

    /// Who sees an image.
    Visibility {
        /// Everybody.
        Public = "public",
        /// Its owner.
        Private = "private",
        /// Its owner and its members.
        Shared = "shared",
    }

    /// Of which kind an image is (`__imagetype`).
    ImageType {
        /// Public.
        Gold = "gold",
        /// Private.
        Private = "private",
        /// Private, and shared.
        Shared = "shared",
        /// Public, on the marketplace.
        Market = "market",
    }

    /// The kind of operating system of an image.
    OsType {
        /// Linux.
        Linux = "Linux",
        /// Windows.
        Windows = "Windows",
        /// Another one.
        Other = "Other",
    }

    /// How wide the operating system's words are.
    OsBit {
        /// 32 bits.
        Bits32 = "32",
        /// 64 bits.
        Bits64 = "64",
    }

    /// The format of an image's data.
    DiskFormat {
        /// The service's own.
        Zvhd2 = "zvhd2",
        /// VHD.
        Vhd = "vhd",
        /// The service's former own.
        Zvhd = "zvhd",
        /// Raw.
        Raw = "raw",
        /// QCOW2.
        Qcow2 = "qcow2",
        /// An ISO file.
        Iso = "iso",
    }

    /// What an image is used for.
    VirtualEnvType {
        /// A system disk.
        FusionCompute = "FusionCompute",
        /// A data disk.
        DataImage = "DataImage",
        /// A bare-metal server.
        Ironic = "Ironic",
        /// An ISO file.
        IsoImage = "IsoImage",
    }

    /// The processors that an image is for.
    Architecture {
        /// x86.
        X86 = "x86",
        /// Arm.
        Arm = "arm",
    }
}
