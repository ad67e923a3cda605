import { describe, expect, it } from "vitest";
import { placeholderInArn, quoted, redact } from "../../../provider/text/text.ts";

describe("quoted", () => {
  it("shows what a terminal would obey, and what is no text", () => {
    expect(quoted('a "b"\n\u009b\u202e')).toBe('"a \\"b\\"\\n\\u009b\\u202e"');
    expect([quoted(undefined), quoted(["a", 1])]).toEqual(["undefined", '["a",1]']);
  });
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
  ])("makes %j fit for a message", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it("is of bounded length", () => {
    expect(redact("x".repeat(10_000))).toBe(`${"x".repeat(500)}…`);
    expect(redact(`${"x".repeat(10_000)}y`, [], "end")).toBe(`…${"x".repeat(499)}y`);
    expect(redact(`k8s-aws-v1.${"x".repeat(3_990)} end`, [], "end")).toBe("end");
  });

  it("holds nothing of the secrets that its writer was given, cut in two or whole", () => {
    const secret = "an ordinary passphrase";
    expect(redact(`no ${secret}, no`, [secret, undefined, ""])).toBe("no <redacted>, no");
    expect(redact(`${" ".repeat(3_990)}${secret}`, [secret])).not.toContain("ordinary");
    expect(redact(`${" ".repeat(3_990)}k8s-aws-v1.aHR0cHM6Ly9zdHM`)).not.toContain("k8s");
    // What is as short as an ordinary word is none.
    expect(redact("a cat", ["cat"])).toBe("a cat");
    expect(redact(`${secret} of mine`, [secret, `${secret} of mine`])).toBe("<redacted>");
  });
});

describe("placeholderInArn", () => {
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
});
