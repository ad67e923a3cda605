import * as awsAuth from "pulumi-aws-auth";
import { roles } from "./roles";

for (const role of roles) {
  new awsAuth.IdentityMapping(role, {
    arn: `arn:aws:iam::111122223333:role/${role}`,
    username: role,
    groups: ["viewers"],
  });
}
new awsAuth.IdentityMapping("sandbox", { account: "012345678901" });
