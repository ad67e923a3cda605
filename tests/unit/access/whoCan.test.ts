import { expect, it } from "vitest";
import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { whoCan } from "../../../provider/access/verdict.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { Authorizer, noObjects } from "../../../provider/rbac/index.ts";

it("lists an identity once, however its entries spell it", () => {
  const mapRoles = ["dev", "DEV"].map((name) => ({
    rolearn: `arn:aws:iam::111122223333:role/${name}`,
    username: name,
    groups: ["system:masters"],
  }));
  const rights = { authorizer: new Authorizer(noObjects), unread: undefined };
  const candidates = whoCan(
    clusterAccess(parseMap({ mapRoles: JSON.stringify(mapRoles) })),
    { verb: "get", path: "/healthz" },
    rights,
  );
  expect(candidates.map(({ identity }) => identity)).toEqual(["arn:aws:iam::111122223333:role/dev"]);
});
