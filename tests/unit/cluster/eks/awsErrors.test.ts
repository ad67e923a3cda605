import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { awsIdentityFor } from "../../../../provider/cluster/eks/awsClients.ts";
import { fromAwsError } from "../../../../provider/cluster/eks/awsErrors.ts";
import { settingsOf } from "../support.ts";

const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: undefined, roleArn: undefined } as const;
const identity = awsIdentityFor(ref, settingsOf({}));

it("the command line of a credential process that fails is in no message and no cause", () => {
  const failure = new Error("Command failed: /bin/tool --password hunter2\nthe vault is locked");
  failure.name = "CredentialsProviderError";
  const error = fromAwsError("credentials", failure, "EKS cluster", ref, identity);
  expect(error.message).toMatch(/\(the credential_process failed\); renew them/);
  expect(inspect(error)).not.toContain("hunter2");
});

it("a file that is missing, such as that of a token, is no fault of the network", async () => {
  const failure = await readFile("/nothing/token").catch((error: unknown) => error);
  expect(fromAwsError("credentials", failure, "EKS cluster", ref, identity)).toMatchObject({
    code: "credentials",
    message: expect.stringContaining(
      "no valid AWS credentials in the default AWS credentials (ENOENT: no such file or directory, open '/nothing/token')",
    ),
  });
});

it("a host of which no address takes a connection is no fault of the credentials", async () => {
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
  const socket = connect({ host: "sts.example", port: 9, lookup: (_host, _options, found) => found(null, addresses) });
  const [failure] = await once(socket, "error");
  expect(failure).toBeInstanceOf(AggregateError);
  expect(fromAwsError("credentials", failure, "EKS cluster", ref, identity)).toMatchObject({
    code: "clusterUnreachable",
    message: expect.stringContaining(
      "cannot be reached with the default AWS credentials for credentials: connection refused (ECONNREFUSED)",
    ),
  });
});
