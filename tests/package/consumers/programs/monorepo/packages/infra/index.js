const { grantView } = require("@company/access");
const { IdentityMapping } = require("pulumi-aws-auth");

grantView("dev");
new IdentityMapping("sandbox", { account: "012345678901" });
