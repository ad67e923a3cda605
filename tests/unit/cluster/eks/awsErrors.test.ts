import { inspect } from "node:util";
import { expect, it } from "vitest";
import { fromAwsError } from "../../../../provider/cluster/eks/awsErrors.ts";
import { awsIdentityFor } from "../../../../provider/cluster/eks/awsIdentity.ts";
import { settingsOf } from "../support.ts";

it("the command line of a credential process that fails is in no message and no cause", () => {
  const failure = new Error("Command failed: /bin/tool --password hunter2\nthe vault is locked");
  failure.name = "CredentialsProviderError";
  const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: undefined, roleArn: undefined } as const;
  const error = fromAwsError("credentials", failure, "EKS cluster", ref, awsIdentityFor(ref, settingsOf({})));
  expect(error.message).toMatch(/\(CredentialsProviderError: the credential_process failed\s+the vault is locked\)/);
  expect(inspect(error)).not.toContain("hunter2");
});
