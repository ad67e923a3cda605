import { describe, expect, it } from "vitest";
import { holdsKubeconfig, isKubeconfigContent } from "../../../provider/cluster/clusterInput.ts";
import { describeUnknownKey, fieldsOf, isFields } from "../../../provider/text/fields.ts";
import { placeholderInArn, quoted, redact } from "../../../provider/text/text.ts";

it("quotes a string with control characters escaped, and other values as JSON", () => {
  expect(quoted('a "b"\n\u009b\u202e')).toBe('"a \\"b\\"\\n\\u009b\\u202e"');
  expect([quoted(undefined), quoted(["a", 1])]).toEqual(["undefined", '["a",1]']);
});

describe("redact", () => {
  it.each([
    ["several\nlines\t of  text \n", "several lines of text"],
    ["\u001b[31mred\u001b[0m \u001b]0;title\u0007plain\u001b", "red plain"],
    ["right\u202eto\u200bleft", "right to left"],
    ["token k8s-aws-v1.aHR0cHM6Ly9zdHM end", "token <redacted> end"],
    ["Authorization: Bearer abc.def", "Authorization: <redacted>"],
    ["jwt eyJhbGciOi.eyJzdWIi.c2lnbg", "jwt <redacted>"],
    ["https://sts?X-Amz-Signature=0abc&x=1", "https://sts?<redacted>&x=1"],
    ["aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = <redacted>"],
    ['{"SessionToken": "FwoGZXIvYXdzEXAMPLETOKEN", "Version": 1}', '{"SessionToken": "<redacted>", "Version": 1}'],
    ["client-key-data: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0=", "client-key-data: <redacted>"],
    ["-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----\nend", "<redacted> end"],
    ["the token: it has expired; key: arn:aws:iam::1:role/x", "the token: it has expired; key: arn:aws:iam::1:role/x"],
    ["é 😀 stays", "é 😀 stays"],
  ])("sanitizes %j", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it("limits the length", () => {
    expect(redact("x".repeat(10_000))).toBe(`${"x".repeat(500)}…`);
    expect(redact(`${"x".repeat(10_000)}y`, "end")).toBe(`…${"x".repeat(499)}y`);
    expect(redact(`k8s-aws-v1.${"x".repeat(3_990)} end`, "end")).toBe("end");
  });

  it("removes a credential that the limit cuts in two", () => {
    expect(redact(`${" ".repeat(3_990)}k8s-aws-v1.aHR0cHM6Ly9zdHM`)).not.toContain("k8s");
  });
});

it.each([
  ["arn:aws:iam::<ACCOUNT_ID>:role/dev", "<ACCOUNT_ID>"],
  ["arn:aws:iam::ACCOUNT_ID:role/dev", "ACCOUNT_ID"],
  ["ACCOUNT_ID", "ACCOUNT_ID"],
  ["arn:aws:iam::{% account %}:role/dev", "{% account %}"],
  ["arn:aws:iam::%{if x}1%{endif}:role/dev", "%{if x}"],
  // The authenticator folds the case of an ARN, and of each of its parts.
  ["ARN:aws:IAM::111122223333:role/dev", undefined],
  ["ARN:AWS:IAM::111122223333:ROLE/ADMIN", undefined],
  ["111122223333", undefined],
])("the placeholder of %s is %s", (text, placeholder) => {
  expect(placeholderInArn(text)).toBe(placeholder);
});

it.each([
  ...["kind: Config\n", "  {}", "apiVersion: v1", "kind: Config\\nclusters:\\n- name: a", "kind: Config, users: []"],
  ...["kind: Config\\nusers:\\n- name: a", "'apiVersion': v1", '[{"clusters":[]}]', "YXBpVmVyc2lvbjog".repeat(100)],
])("recognizes %j as the content of a kubeconfig", (text) => {
  expect(isKubeconfigContent(text)).toBe(true);
});

it.each([
  ...[
    "kubeconfig",
    "~/.kube/config",
    "C:\\Users\\me\\.kube\\config",
    "/etc/clusters:/etc/users:/etc/apiVersion",
    "prod",
  ],
  ...["/etc/kube/users/clusters.yaml", "arn:aws:eks:eu-west-1:111122223333:cluster/users"],
  Array(100).fill("/home/me/.kube/one").join(":"),
])("recognizes %j as a path or a name", (text) => {
  expect(isKubeconfigContent(text)).toBe(false);
});

it.each([
  ...["users: []\n", { apiVersion: "v1" }, { clusters: [] }, { users: [] }].map((input) => [input, true] as const),
  ...[{ kubeconfig: "users: []\n" }, { name: "prod" }, "prod", undefined, null].map((input) => [input, false] as const),
])("%j contains a kubeconfig: %s", (input, expected) => {
  expect(holdsKubeconfig(input)).toBe(expected);
});

it("fieldsOf returns only the fields of objects", () => {
  const value = { a: 1 };
  expect(fieldsOf(value)).toBe(value);
  expect([{}, null, undefined, "a", 1, ["a"]].map(isFields)).toEqual([true, false, false, false, false, false]);
  expect([null, undefined, "a", 1, ["a"]].map(fieldsOf)).toEqual([{}, {}, {}, {}, {}]);
});

it("describeUnknownKey lists the valid keys", () => {
  expect(describeUnknownKey("regoin", ["name", "region"])).toBe('unknown key "regoin"; valid keys: name, region');
});
