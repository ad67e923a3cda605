import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { listen } from "./endpoint.ts";

/** A TokenReview webhook. */
export interface TokenReviewer {
  /** For the API server's `--authentication-token-webhook-config-file`. */
  readonly configFile: string;
  stop(): Promise<void>;
}

/**
 * Replaces the authenticator in tests of the token format only: it maps a presigned GetCallerIdentity with the cluster's name among the
 * signed headers to the user of its access key.
 */
export async function startTokenReviewer(
  users: Readonly<Record<string, string>>,
  cluster: string,
): Promise<TokenReviewer> {
  const server = createServer(async (request, response) => {
    const body: { spec: { token: string } } = JSON.parse(await text(request));
    const username = userOf(body.spec.token, users, cluster);
    const status = username === undefined ? { authenticated: false } : { authenticated: true, user: { username } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", status }));
  });
  const { url, stop } = await listen(server);
  const directory = mkdtempSync(join(tmpdir(), "token-review-"));
  const configFile = join(directory, "webhook.yaml");
  writeFileSync(
    configFile,
    `apiVersion: v1
kind: Config
clusters: [{ name: webhook, cluster: { server: "${url}/" } }]
users: [{ name: api-server, user: {} }]
contexts: [{ name: webhook, context: { cluster: webhook, user: api-server } }]
current-context: webhook
`,
  );
  return {
    configFile,
    stop: () => {
      rmSync(directory, { recursive: true });
      return stop();
    },
  };
}

function userOf(token: string, users: Readonly<Record<string, string>>, cluster: string): string | undefined {
  const [prefix, encoded] = token.split(".");
  if (prefix !== "k8s-aws-v1" || encoded === undefined || encoded.includes("=")) {
    return undefined;
  }
  const url = new URL(Buffer.from(encoded, "base64url").toString());
  const query = url.searchParams;
  const isSigned = query.get("X-Amz-SignedHeaders")?.split(";").includes("x-k8s-aws-id");
  if (query.get("Action") !== "GetCallerIdentity" || !isSigned || cluster === "") {
    return undefined;
  }
  return users[query.get("X-Amz-Credential")?.split("/")[0] ?? ""];
}
