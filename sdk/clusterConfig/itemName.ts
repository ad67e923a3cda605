import { parseIamArn } from "../../provider/mapping";
import type { ConfigItem } from "./config";

/**
 * Names an item by what it maps, and by nothing else: neither its place nor any other item counts, so that adding an item never
 * renames another, and new groups for a role are a change of its resource and not another resource.
 *
 * The name is that of the ARN in its order: `111122223333-role-admin`, `111122223333-user-eng/alice`, `account-111122223333`,
 * `emr-containers-spark`. The account is always there, since roles of one name in many accounts are the rule; a partition other than
 * `aws` comes first.
 */
export function itemName(item: ConfigItem): string {
  switch (item.kind) {
    case "account":
      return `account-${item.account}`;
    case "service":
      return `${item.serviceName}-${item.namespace}`;
    case "identity": {
      const arn = parseIamArn(item.arn);
      if (arn.kind === "fault") {
        return item.arn;
      }
      const partition = arn.partition === "aws" ? "" : `${arn.partition}-`;
      // A user's path tells two users apart, a role's does not.
      const path = arn.kind === "user" ? arn.path : "";
      return `${partition}${arn.account}-${arn.kind}-${path}${arn.name}`;
    }
  }
}
