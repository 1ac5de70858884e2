//! The one table of everything that can be refused: variant, code, status, text on the wire, meaning.
//!
//! Contract, "Errors": "All IMS error codes of REF", "Exact texts of the codes the simulator sends",
//! "Form from the gateway" and, for the native API, "Refusals". A row whose text is empty sends its
//! meaning instead. Statuses deviate from the reference's uniform 400 where a decision says so
//! (U-9: IMG.0026 is a 403; U-10: IMG.0061 is a 500, and a 503 as [`Code::ServiceUnavailable`]).

/// Writes the enum, its rows and the list of all variants from one table.
macro_rules! error_table {
    ($(  $variant:ident = ($code:literal, $status:literal, $text:literal, $meaning:literal); )*) => {
        /// One way to be refused or to fail; a row of the error table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Code {
            $( #[doc = concat!("`", $code, "`, status ", stringify!($status), ": ", $meaning, ".")] $variant, )*
        }

        impl Code {
            /// Every row, in the order of the table.
            pub const ALL: &'static [Code] = &[ $( Code::$variant, )* ];

            /// The row of the table: code, status, text (empty: the meaning is sent), meaning.
            pub(crate) const fn row(self) -> (&'static str, u16, &'static str, &'static str) {
                match self {
                    $( Code::$variant => ($code, $status, $text, $meaning), )*
                }
            }
        }
    };
}

error_table! {
    // Codes of the image service.
    Img0001 = ("IMG.0001", 400, "The request message format is invalid.", "Body is not in the expected form (bad JSON, wrong type, missing field, value outside its set)");
    Img0002 = ("IMG.0002", 400, "", "Image name longer than 128 characters");
    Img0003 = ("IMG.0003", 400, "", "Image name breaks the naming rules");
    Img0004 = ("IMG.0004", 400, "", "Description longer than 1024 characters");
    Img0005 = ("IMG.0005", 400, "", "Cloud server not found");
    Img0006 = ("IMG.0006", 400, "", "This server's system disk cannot be turned into an image");
    Img0007 = ("IMG.0007", 400, "The request body is empty.", "No request body");
    Img0008 = ("IMG.0008", 400, "", "Server is not shut down, so no image can be made from it");
    Img0009 = ("IMG.0009", 400, "", "Image name is already taken");
    Img0010 = ("IMG.0010", 400, "", "Server is busy with another task, so no image can be made from it");
    Img0011 = ("IMG.0011", 400, "", "Parameter forceCreate has to be true");
    Img0012 = ("IMG.0012", 400, "", "Server ID missing");
    Img0013 = ("IMG.0013", 400, "", "Image name missing");
    Img0014 = ("IMG.0014", 400, "", "The OpenStack layer underneath failed while running the task");
    Img0015 = ("IMG.0015", 400, "", "Private-image quota used up");
    Img0016 = ("IMG.0016", 400, "", "Body of a delete request is wrong (the English wire text is a mistranslation)");
    Img0017 = ("IMG.0017", 400, "The URL format is incorrect.", "Query condition in the URL is malformed (image lists only)");
    Img0018 = ("IMG.0018", 400, "", "The asynchronous job could not be submitted");
    Img0019 = ("IMG.0019", 400, "", "Backup ID missing");
    Img0020 = ("IMG.0020", 400, "", "Backup not found");
    Img0021 = ("IMG.0021", 400, "", "Unknown kind of source for the image");
    Img0022 = ("IMG.0022", 400, "", "Disk is in a state from which no image can be made");
    Img0023 = ("IMG.0023", 400, "An exception occurred during task query.", "Fault while looking up a job");
    Img0024 = ("IMG.0024", 400, "", "Image type in the request is wrong (only BMS or ECS)");
    Img0025 = ("IMG.0025", 400, "", "User type in the request is wrong");
    Img0026 = ("IMG.0026", 403, "The role is invalid. You need to apply for the required permissions or pass the real-name authentication.", "Caller lacks the role or permission (or real-name verification) for this action");
    Img0027 = ("IMG.0027", 400, "", "The image ID named in the request does not exist");
    Img0028 = ("IMG.0028", 400, "", "Image is protected and must go through the take-down process first");
    Img0029 = ("IMG.0029", 400, "", "That backup already produced an image");
    Img0030 = ("IMG.0030", 400, "The project ID and token in the request are invalid.", "Project ID and token do not belong together");
    Img0031 = ("IMG.0031", 400, "", "A resource ID in the request is wrong");
    Img0032 = ("IMG.0032", 400, "", "Backup is not usable");
    Img0033 = ("IMG.0033", 400, "", "Backup is not of a system disk");
    Img0034 = ("IMG.0034", 400, "", "The number of images cannot be changed");
    Img0035 = ("IMG.0035", 400, "", "Conflicting attributes in an update");
    Img0036 = ("IMG.0036", 400, "", "Could not obtain the assumed (agency) token");
    Img0037 = ("IMG.0037", 400, "", "Could not obtain AK/SK");
    Img0038 = ("IMG.0038", 400, "", "Could not create the bucket");
    Img0039 = ("IMG.0039", 400, "", "Could not grant a user access to the bucket");
    Img0040 = ("IMG.0040", 400, "", "Could not obtain the object-storage address");
    Img0041 = ("IMG.0041", 400, "", "Account to be authorised is empty");
    Img0042 = ("IMG.0042", 400, "", "Image is not on the marketplace, so it cannot be taken down");
    Img0043 = ("IMG.0043", 400, "", "Source is somebody else's marketplace image, so it cannot be published");
    Img0044 = ("IMG.0044", 400, "", "Image is not in the course of being published");
    Img0045 = ("IMG.0045", 400, "", "Product code could not be generated");
    Img0046 = ("IMG.0046", 400, "The image is unavailable.", "Image is not in a usable state");
    Img0047 = ("IMG.0047", 400, "This operation can be performed only by the image owner.", "Only the image owner may do this");
    Img0048 = ("IMG.0048", 400, "", "Unknown marketplace operation");
    Img0049 = ("IMG.0049", 400, "", "Image is already published or being published");
    Img0050 = ("IMG.0050", 400, "", "Image cannot be set to publishing-failed");
    Img0051 = ("IMG.0051", 400, "", "Images made from backups cannot be published");
    Img0052 = ("IMG.0052", 400, "", "Shared images cannot be published");
    Img0053 = ("IMG.0053", 400, "", "Could not obtain the shadow account's domain data");
    Img0054 = ("IMG.0054", 400, "", "Description breaks the format rules");
    Img0055 = ("IMG.0055", 400, "", "Memory or disk size is not valid");
    Img0056 = ("IMG.0056", 400, "", "Operating-system type is not valid (later edition: OS version is not valid)");
    Img0057 = ("IMG.0057", 400, "", "Image file missing, empty or of a format that is not allowed");
    Img0058 = ("IMG.0058", 400, "", "Bucket and user are in different regions");
    Img0059 = ("IMG.0059", 400, "", "Image file is larger than can be converted");
    Img0060 = ("IMG.0060", 400, "", "Too many tasks at once; flow control");
    Img0061 = ("IMG.0061", 500, "Unknown system error.", "Unknown system fault");
    Img0062 = ("IMG.0062", 400, "", "Image name is wrong");
    Img0063 = ("IMG.0063", 400, "", "This type of server cannot be made into an image");
    Img0064 = ("IMG.0064", 400, "", "Tenant data could not be fetched from IAM");
    Img0065 = ("IMG.0065", 400, "", "Tenant's domain data could not be fetched from IAM");
    Img0066 = ("IMG.0066", 400, "The image ID is incorrect.", "Image ID is wrong (malformed or not resolvable)");
    Img0067 = ("IMG.0067", 400, "The project ID is incorrect.", "Project ID is wrong");
    Img0068 = ("IMG.0068", 400, "", "Bucket name missing");
    Img0069 = ("IMG.0069", 400, "", "Bucket cannot be reached");
    Img0070 = ("IMG.0070", 400, "", "A file of that name is already in the bucket");
    Img0071 = ("IMG.0071", 400, "", "Image may not be exported");
    Img0072 = ("IMG.0072", 400, "", "Image format not supported");
    Img0073 = ("IMG.0073", 400, "", "Export file name missing");
    Img0074 = ("IMG.0074", 400, "", "File name length outside the allowed range");
    Img0075 = ("IMG.0075", 400, "", "File name has characters that are not allowed");
    Img0076 = ("IMG.0076", 400, "You cannot share an image with yourself.", "An image cannot be shared with its own owner");
    Img0077 = ("IMG.0077", 400, "", "Public images cannot be exported");
    Img0078 = ("IMG.0078", 400, "", "Marketplace images, or private ones derived from them, cannot be exported");
    Img0079 = ("IMG.0079", 400, "", "System images derived from charged images cannot be exported");
    Img0080 = ("IMG.0080", 400, "", "Images made from backups cannot be exported");
    Img0081 = ("IMG.0081", 400, "", "Image was not uploaded, so it cannot be exported (the English wire text says the opposite)");
    Img0082 = ("IMG.0082", 400, "", "Image cannot be published");
    Img0083 = ("IMG.0083", 400, "", "Image is already public");
    Img0084 = ("IMG.0084", 400, "", "Image is already private");
    Img0085 = ("IMG.0085", 400, "", "Wrong way of publishing");
    Img0086 = ("IMG.0086", 400, "", "Image could not be found");
    Img0087 = ("IMG.0087", 400, "The token is incorrect.", "Token is wrong");
    Img0088 = ("IMG.0088", 400, "The number of shared images has reached the maximum allowed.", "Sharing quota used up (too many members)");
    Img0089 = ("IMG.0089", 400, "The public image or Marketplace image cannot be shared.", "Public and marketplace images cannot be shared");
    Img0090 = ("IMG.0090", 400, "", "An image under creation cannot be deleted");
    Img0091 = ("IMG.0091", 400, "", "A protected image cannot be deleted");
    Img0092 = ("IMG.0092", 400, "", "Only the owner may delete the image");
    Img0093 = ("IMG.0093", 400, "", "A marketplace image cannot be deleted");
    Img0094 = ("IMG.0094", 400, "", "A public image cannot be deleted");
    Img0095 = ("IMG.0095", 400, "", "Encryption key not found");
    Img0096 = ("IMG.0096", 400, "", "New key must differ from the image's key");
    Img0097 = ("IMG.0097", 400, "", "Encryption key is not enabled");
    Img0098 = ("IMG.0098", 400, "The encrypted image cannot be shared or published in Marketplace.", "An encrypted image can be neither shared nor published");
    Img0099 = ("IMG.0099", 400, "", "No permission for the encryption key");
    Img0100 = ("IMG.0100", 400, "", "No trial permission for the key service");
    Img0101 = ("IMG.0101", 400, "", "Original key not found");
    Img0102 = ("IMG.0102", 400, "", "Original key is not enabled");
    Img0103 = ("IMG.0103", 400, "", "No permission for the original key");
    Img0104 = ("IMG.0104", 400, "", "Several projects in the region: give the project name");
    Img0105 = ("IMG.0105", 400, "The operation is not supported.", "Operation not supported at present");
    Img0106 = ("IMG.0106", 400, "", "Image belongs to another tenant");
    Img0107 = ("IMG.0107", 400, "The Marketplace image cannot be shared.", "Marketplace images cannot be shared");
    Img0108 = ("IMG.0108", 400, "The tenant ID was not found in the current region.", "No such tenant (project) in this region");
    Img0109 = ("IMG.0109", 400, "", "Bucket name has characters that are not allowed");
    Img0110 = ("IMG.0110", 400, "", "System disk is not usable, so no image can be made");
    Img0111 = ("IMG.0111", 400, "", "System disk size outside the allowed range");
    Img0112 = ("IMG.0112", 400, "Failed to add the tenant.", "Adding the member failed");
    Img0113 = ("IMG.0113", 400, "Failed to delete the tenant.", "Deleting the member failed");
    Img0114 = ("IMG.0114", 400, "Failed to query the tenant details.", "Fetching the member failed");
    Img0115 = ("IMG.0115", 400, "", "Image tag not valid");
    Img0116 = ("IMG.0116", 400, "", "Too many image tags");
    Img0117 = ("IMG.0117", 400, "", "Image source may only be BMS or ECS");
    Img0118 = ("IMG.0118", 400, "", "Bare-metal images cannot be encrypted");
    Img0119 = ("IMG.0119", 400, "", "Server has no system disk");
    Img0120 = ("IMG.0120", 400, "", "The named data disk is not usable");
    Img0121 = ("IMG.0121", 400, "", "Object not found");
    Img0122 = ("IMG.0122", 400, "", "Operating-system type not allowed");
    Img0123 = ("IMG.0123", 400, "", "Same image-file address given twice");
    Img0124 = ("IMG.0124", 400, "", "Data-disk images cannot be published on the marketplace");
    Img0125 = ("IMG.0125", 400, "", "Data-disk images cannot be made public");
    Img0126 = ("IMG.0126", 400, "", "Server's state does not allow a whole-server image");
    Img0127 = ("IMG.0127", 400, "", "Cloud-server backup not found");
    Img0128 = ("IMG.0128", 400, "", "Whole-server images cannot be exported");
    Img0129 = ("IMG.0129", 400, "", "Whole-server images cannot be marketplace images");
    Img0130 = ("IMG.0130", 400, "", "Whole-server images cannot be copied");
    Img0131 = ("IMG.0131", 400, "", "Whole-server images cannot be published");
    Img0132 = ("IMG.0132", 400, "", "Backup's state does not allow a whole-server image");
    Img0133 = ("IMG.0133", 400, "", "Access to the cloud-server backup is forbidden");
    Img0134 = ("IMG.0134", 400, "", "Backup is already registered as an image");
    Img0135 = ("IMG.0135", 400, "The full-ECS image cannot be shared.", "This whole-server image cannot be shared");
    Img0136 = ("IMG.0136", 400, "", "Server is being backed up, so no whole-server image can be made");
    Img0137 = ("IMG.0137", 400, "", "Server data could not be fetched");
    Img0138 = ("IMG.0138", 400, "", "OS type could not be fetched");
    Img0139 = ("IMG.0139", 400, "", "Other disks of the server are being used to create servers");
    Img0140 = ("IMG.0140", 400, "", "Disks belong to different servers");
    Img0141 = ("IMG.0141", 400, "", "hw_firmware_type is neither uefi nor bios");
    Img0142 = ("IMG.0142", 400, "", "Cross-region copy needs two different regions");
    Img0143 = ("IMG.0143", 400, "", "Encrypted images cannot be copied across regions");
    Img0144 = ("IMG.0144", 400, "", "Image does not exist");
    Img0145 = ("IMG.0145", 400, "", "Project name is wrong");
    Img0146 = ("IMG.0146", 400, "", "Image too large for cross-region copy");
    Img0147 = ("IMG.0147", 400, "", "Region data is wrong");
    Img0148 = ("IMG.0148", 400, "", "Image is being exported");
    Img0149 = ("IMG.0149", 400, "", "Too many cross-region copies at once");
    Img0150 = ("IMG.0150", 400, "", "The whole-server image's backup was already copied to that region");
    Img0151 = ("IMG.0151", 400, "", "Agency lacks rights on the target project");
    Img0152 = ("IMG.0152", 400, "", "Whole-server image is for now usable in one zone only");
    Img0153 = ("IMG.0153", 400, "", "Disks of dedicated storage (DESS/DSS) cannot be made into images");
    Img0154 = ("IMG.0154", 400, "", "Enterprise-project service cannot be reached");
    Img0155 = ("IMG.0155", 400, "", "enterprise_project_id could not be verified");
    Img0156 = ("IMG.0156", 400, "", "Image could not be bound to the enterprise project");
    Img0157 = ("IMG.0157", 400, "", "Wrong creation type");
    Img0158 = ("IMG.0158", 400, "", "Fast import takes only zvhd2, or raw with a bitmap file");
    Img0159 = ("IMG.0159", 400, "", "Fast import needs os_version");
    Img0160 = ("IMG.0160", 400, "", "Images over 128 GB cannot be exported");
    Img0161 = ("IMG.0161", 400, "", "No trial permission for vendor naming");
    Img0162 = ("IMG.0162", 400, "", "Vendor name: letters and spaces only, at most 12, no space at the ends");
    Img0163 = ("IMG.0163", 400, "", "Image does not support vendor naming");
    Img0164 = ("IMG.0164", 400, "", "Spot server is being reclaimed");
    Img0165 = ("IMG.0165", 400, "", "No permission for cloud-server backup");
    Img0166 = ("IMG.0166", 400, "", "Images from ISO files need os_version");
    Img0167 = ("IMG.0167", 400, "", "Not available for ISO images");
    Img0168 = ("IMG.0168", 400, "", "Data-disk images cannot be updated");
    Img0169 = ("IMG.0169", 400, "", "OS versions differ, update refused");
    Img0170 = ("IMG.0170", 400, "", "Image formats differ, update refused");
    Img0171 = ("IMG.0171", 400, "", "Minimum disk smaller than the source's, update refused");
    Img0172 = ("IMG.0172", 400, "", "Minimum memory smaller than the source's, update refused");
    Img0173 = ("IMG.0173", 400, "", "Environment types differ, update refused");
    Img0174 = ("IMG.0174", 400, "", "Requested and target image names differ, update refused");
    Img0175 = ("IMG.0175", 400, "", "Folder and file names may not contain spaces");
    Img0176 = ("IMG.0176", 400, "", "Backup of the whole-server image could not be deleted");
    Img0177 = ("IMG.0177", 400, "", "Source and target tenant are in different regions");
    Img0178 = ("IMG.0178", 400, "", "Source and target tenant are the same");
    Img0179 = ("IMG.0179", 400, "", "Agency token of the source image is not valid");
    Img0180 = ("IMG.0180", 400, "", "Whole-server images cannot be made through the backup service here");
    Img0181 = ("IMG.0181", 400, "", "Protectable resources could not be fetched");
    Img0182 = ("IMG.0182", 400, "", "Vault is too small");
    Img0183 = ("IMG.0183", 400, "", "A server can be in one vault only");
    Img0184 = ("IMG.0184", 400, "Failed to obtain the vault.", "Vault not found");
    Img0185 = ("IMG.0185", 400, "", "Vault has reached its number of servers");
    Img0186 = ("IMG.0186", 400, "", "Server is already bound to the old backup service");
    Img0187 = ("IMG.0187", 400, "", "Key service is throttling");
    Img0188 = ("IMG.0188", 400, "", "Vault is not usable");
    Img0189 = ("IMG.0189", 400, "", "Target vault does not support replication");
    Img0190 = ("IMG.0190", 400, "", "Whole-server images only through CBR");
    Img0191 = ("IMG.0191", 400, "", "Server flavours could not be listed");
    Img0192 = ("IMG.0192", 400, "", "Flavour used as list filter is not valid (image lists only)");
    Img0193 = ("IMG.0193", 400, "", "Vault is not a server-backup vault");
    Img0194 = ("IMG.0194", 400, "", "Too many data images in one import");
    Img0195 = ("IMG.0195", 400, "", "Whole-server image from a data-disk backup needs osVersion");
    Img0196 = ("IMG.0196", 400, "", "Shared image is not accepted, so it cannot be copied");
    Img0197 = ("IMG.0197", 400, "", "Copying a shared image with KMS encryption is not supported");
    Img0198 = ("IMG.0198", 400, "", "Backup ID and backup type do not match, or no such backup");
    Img0212 = ("IMG.0212", 400, "", "architecture is neither x86 nor arm");
    Img0238 = ("IMG.0238", 400, "", "No real-name verification");
    Img0239 = ("IMG.0239", 400, "", "Balance too low");
    Img0241 = ("IMG.0241", 400, "", "Payment data incomplete");
    Img0242 = ("IMG.0242", 400, "", "Department budget too low");
    Img1075 = ("IMG.1075", 400, "", "Image file could not be registered");
    // Answers of the service as a whole.
    ServiceUnavailable = ("IMG.0061", 503, "Service unavailable.", "The service takes no work at present");
    // Answers of the later twins of the native queries: what those refuse, in codes of the service.
    LaterImageNotFound = ("IMG.0144", 404, "", "Image does not exist");
    LaterMemberNotFound = ("IMG.0114", 404, "Failed to query the tenant details.", "The project is not a member, or not one the caller may see");
    LaterListForbidden = ("IMG.0089", 403, "The public image or Marketplace image cannot be shared.", "Members of a public image were asked for");
    // Answers of the gateway in front of the service.
    ApiNotFound = ("APIGW.0101", 404, "The API does not exist or has not been published in the environment.", "Unknown path");
    MethodNotFound = ("APIGW.0101", 404, "The API does not exist.", "Known path, unknown method");
    EntityTooLarge = ("APIGW.0201", 413, "Request entity too large.", "Body over 12 MiB");
    TokenMissing = ("APIGW.0301", 401, "Incorrect IAM authentication information: x-auth-token not found", "No token and no signature");
    TokenUnknown = ("APIGW.0301", 401, "Incorrect IAM authentication information: decrypt token fail", "Token unreadable, unknown or altered");
    SignatureUnreadable = ("APIGW.0301", 401, "Incorrect IAM authentication information: verify aksk signature fail", "A signature without a date, with one that is too far from the clock, or in no known form");
    SignatureWrong = ("APIGW.0301", 401, "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:{canonical}", "A signature that is not that of the request, or by another algorithm");
    AccessKeyUnknown = ("APIGW.0301", 401, "Incorrect IAM authentication information: Get secretKey failed", "An access key that nobody has");
    NotAuthorized = ("APIGW.0302", 403, "The IAM user is not authorized to access the API.", "The gateway refuses this user");
    TokenExpired = ("APIGW.0307", 401, "The token must be updated.", "Token expired or revoked");
    Throttled = ("APIGW.0308", 429, "The throttling threshold has been reached.", "Flow control");
    ProjectUnavailable = ("APIGW.0310", 403, "The project is unavailable.", "The project of the caller is flagged unavailable");
    GatewayInternal = ("APIGW.0601", 500, "Internal server error.", "A fault inside the gateway");
    // Answers of identity, in the form of Keystone: no code of their own either.
    IdentityBadRequest = ("400 Bad Request", 400, "The request is malformed: {what}.", "A request for a token that makes no sense");
    IdentityUnauthorized = ("401 Unauthorized", 401, "The username or password is wrong.", "Unknown user, wrong password");
    IdentityNotHis = ("401 Unauthorized", 401, "The request you have made requires authentication.", "A token for a project that is not the user's, or for a token that does not count");
    IdentityNotFound = ("404 Not Found", 404, "Could not find {what}.", "An unknown project or token");
    // Answers of the native API: no code of their own, the status line serves as one.
    NativeImageNotFound = ("404 Not Found", 404, "Image {image} not found.", "Image unknown, deleted or invisible to the caller");
    NativeMemberNotFound = ("404 Not Found", 404, "{member} not found in the member list of the image {image}.", "The project is not a member, or not one the caller may see");
    NativeListForbidden = ("403 Forbidden", 403, "Not allowed to list members for image {image}: Public images do not have members.", "Members of a public image were asked for");
    NativeAddForbidden = ("403 Forbidden", 403, "Not allowed to create members for image {image}.", "The caller does not own the image, it cannot be shared, or the member would be its owner");
    NativeUpdateForbidden = ("403 Forbidden", 403, "Not allowed to update members for image {image}.", "The caller owns the image, or it is public");
    NativeDeleteForbidden = ("403 Forbidden", 403, "Not allowed to delete members for image {image}.", "The caller does not own the image, or it is public");
    NativeBodyMissing = ("400 Bad Request", 400, "Body expected in request.", "No request body");
    NativeBodyMalformed = ("400 Bad Request", 400, "Malformed JSON in request body.", "The body is no JSON, or names a key twice");
    NativeMemberForm = ("400 Bad Request", 400, "Expected a member in the form: {\"member\": \"image_id\"}", "The body is no object, or the member in it no string");
    NativeMemberMissing = ("400 Bad Request", 400, "Member to be added not specified", "The body names no member");
    NativeMemberEmpty = ("400 Bad Request", 400, "Member can't be empty", "The member in the body is empty");
    NativeMemberUnknown = ("400 Bad Request", 400, "The tenant ID was not found in the current region.", "No such project in this region");
    NativeMemberDuplicate = ("409 Conflict", 409, "Member {member} is duplicated for image {image}", "The project is a member already, in any status");
    NativeMemberLimit = ("413 Request Entity Too Large", 413, "Image member limit exceeded for image {image}", "The image has as many members as it may have");
    NativeStatusForm = ("400 Bad Request", 400, "Expected a status in the form: {\"status\": \"status\"}", "The body is no object");
    NativeStatusMissing = ("400 Bad Request", 400, "Status not specified", "The body names no status");
    NativeStatusWrong = ("400 Bad Request", 400, "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".", "The status is neither accepted nor rejected");
    NativeVaultForm = ("400 Bad Request", 400, "Incorrect request: vault_id must be a string that is not empty.", "The vault in the body is no string, or empty");
    NativeVaultUnknown = ("400 Bad Request", 400, "Failed to obtain the vault.", "A whole-server image cannot be accepted without a vault that is known");
    NativeImageForbidden = ("403 Forbidden", 403, "You are not permitted to delete this image.", "The caller does not own the image that is to be deleted");
    NativeLimitWrong = ("400 Bad Request", 400, "limit param must be an integer from 1 to 1000", "The limit in the query is no such number");
    NativeMarkerWrong = ("400 Bad Request", 400, "marker param is not valid", "The marker in the query is none, or its member is not there");
    NativeSchemaNotFound = ("404 Not Found", 404, "The resource could not be found.", "There is no such schema");
    NativeImageProtected = ("403 Forbidden", 403, "Image {image} is protected and cannot be deleted.", "The image that is to be deleted is protected");
}
