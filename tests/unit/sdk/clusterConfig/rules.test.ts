import { describe, expect, it } from "vitest";
import { formatPath } from "../../../../sdk/clusterConfig/config.ts";
import type { ReadMapping } from "../../../../sdk/clusterConfig/readFields.ts";
import { mappingFindings } from "../../../../sdk/clusterConfig/rules.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

function found(item: ReadMapping): string[] {
  return mappingFindings(item, []).map(({ path, reason }) => `${formatPath(path)}: ${reason}`);
}

const sound: readonly ReadMapping[] = [
  { arn, username: "dev" },
  { arn, groups: ["a"] },
  { arn, username: "dev", groups: ["a"], noDuplicateARNs: true },
  { account: "012345678901" },
  { account: "012345678901", noDuplicateARNs: true },
  { serviceName: "emr-containers", namespace: "spark", noDuplicateARNs: true },
];

// One problem each; each begins as eksctl's message does.
const invalid: readonly { item: ReadMapping; prints: string }[] = [
  {
    item: { account: "222222222222", arn },
    prints: "account: account cannot be configured with any other options; remove arn",
  },
  {
    item: { account: "222222222222", arn, username: "x", groups: ["g"], serviceName: "emr-containers", namespace: "n" },
    prints:
      "account: account cannot be configured with any other options; remove arn, username, groups, serviceName, namespace",
  },
  { item: { arn }, prints: "arn: neither username nor group are set for iam identity; set username, groups or both" },
  {
    item: { serviceName: "emr-containers", namespace: "n", arn, username: "x", groups: ["g"] },
    prints: "arn: cannot use arn, username, and groups with serviceName; remove arn, username, groups",
  },
  {
    item: { serviceName: "emr-containers", namespace: "n", groups: ["g"] },
    prints: "groups: cannot use arn, username, and groups with serviceName; remove groups",
  },
  {
    item: { serviceName: "emr-containers" },
    prints: "serviceName: namespace is required when using serviceName; add the namespace that the service works in",
  },
  {
    item: { namespace: "n", arn, username: "x" },
    prints: "namespace: serviceName is required when using namespace; add serviceName, or remove namespace",
  },
  {
    item: { serviceName: "emr-container", namespace: "n" },
    prints: 'serviceName: invalid service name "emr-container"; the only service is emr-containers',
  },
  {
    item: { serviceName: "emr-containers", namespace: "My_Space" },
    prints: 'namespace: namespace "My_Space" cannot be the name of a namespace',
  },
  {
    item: { arn: "arn:aws:iam::111122223333:group/x", username: "x" },
    prints: 'arn: arn is neither user nor role: arn "arn:aws:iam::111122223333:group/x" is an IAM group',
  },
  { item: { arn: "nonsense", username: "x" }, prints: 'arn: arn: invalid prefix: arn "nonsense" is not an ARN' },
  { item: {}, prints: ": none of arn, account and serviceName is set; set one" },
  { item: { username: "x" }, prints: ": none of arn, account and serviceName is set; set one" },
  // Ours: what the authenticator would never match, or would hand on wrongly.
  { item: { account: "12345" }, prints: 'account: account "12345" is not an AWS account ID' },
  { item: { arn, username: " dev" }, prints: 'username: username " dev" has whitespace around it' },
  { item: { arn, groups: ["a", ""] }, prints: 'groups: group "" is empty' },
  { item: { arn, username: "{{Session}}" }, prints: 'username: username "{{Session}}" has {{Session}}' },
];

describe("the rules for an item", () => {
  it.each(sound)("let %j pass", (item) => {
    expect(found(item)).toEqual([]);
  });

  it.each(invalid)("refuse $item once", ({ item, prints }) => {
    expect(found(item)).toEqual([expect.stringContaining(prints)]);
  });

  it("report what is wrong with each key beside what is wrong with their combination", () => {
    expect(found({ account: "12", arn: "nonsense" })).toEqual([
      expect.stringContaining("account: account cannot be configured with any other options"),
      expect.stringContaining("arn: arn: invalid prefix"),
      expect.stringContaining('account: account "12" is not an AWS account ID'),
    ]);
  });

  it("report each problem of an ARN, the first of them in eksctl's words", () => {
    expect(found({ arn: "arn:aws:sts::12:assumed-role/dev/jane", username: "x" })).toEqual([
      expect.stringMatching(/^arn: arn is neither user nor role: arn ".*" is a session of a role/),
      expect.stringMatching(/^arn: arn "arn:aws:iam::12:role\/dev" has the account "12"/),
    ]);
  });
});
