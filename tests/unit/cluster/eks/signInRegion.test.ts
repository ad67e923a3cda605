import { hash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EksConnection } from "../../../../provider/cluster/eks/eksConnection.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { startRefusingProxy } from "./refusingProxy.ts";
import { setEnv } from "./world.ts";

const start = "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n";
const account = "sso_account_id = 111122223333\nsso_role_name = admin\n";
const role = "role_arn = arn:aws:iam::111122223333:role/r\n";

it.each([
  ["a session of IAM Identity Center", `sso_session = s\n${account}[sso-session s]\n${start}`, "portal.sso.us-east-1"],
  ["a start URL of IAM Identity Center", `${start}${account}`, "portal.sso.us-east-1"],
  [
    "a role",
    `${role}source_profile = keys\n[profile keys]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n`,
    "sts.eu-central-1",
  ],
  ["a web identity", `${role}web_identity_token_file = HOME/config\n`, "sts.eu-central-1"],
])(
  "a profile with %s has its credentials from the region that has them, whatever the cluster's",
  async (_title, profile, host) => {
    const [{ asked, url }, home] = [await startRefusingProxy(), await temporaryDirectory()];
    const cache = join(home, ".aws", "sso", "cache");
    await mkdir(cache, { recursive: true });
    const token = JSON.stringify({ accessToken: "t", expiresAt: new Date(Date.now() + 3_600_000) });
    for (const id of ["s", "https://example.awsapps.com/start"]) {
      await writeFile(join(cache, `${hash("sha1", id)}.json`), token);
    }
    // The endpoint of another profile gets no token of this one. The SDK asks there for the role of a web identity, whatever it is told.
    const other = profile.includes("web_identity") ? "" : "[default]\nendpoint_url = http://127.0.0.1:9\n";
    await writeFile(join(home, "config"), `${other}[profile own]\n${profile.replace("HOME", home)}`);
    setEnv({
      HOME: home,
      AWS_CONFIG_FILE: join(home, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
      AWS_ENDPOINT_URL: undefined,
      // That of another service says nothing of whoever gives credentials.
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
      AWS_PROFILE: undefined,
      AWS_REGION: undefined,
      AWS_MAX_ATTEMPTS: "1",
    });
    const settings = settingsOf({ env: { HTTPS_PROXY: url } });
    const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: "own", roleArn: undefined } as const;
    await new EksConnection(ref, settings).describe(AbortSignal.timeout(5_000)).catch(() => undefined);
    expect([...new Set(asked)]).toEqual([`${host}.amazonaws.com:443`]);
  },
);
