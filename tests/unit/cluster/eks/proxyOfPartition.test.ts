import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { EksConnection } from "../../../../provider/cluster/eks/eksConnection.ts";
import { settingsOf } from "../support.ts";
import { setEnv } from "./world.ts";

async function proxy() {
  const asked: string[] = [];
  const server = createServer().on("connect", ({ url = "" }, socket) => {
    asked.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { asked, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

it.each([
  ["cn-north-1", ".amazonaws.com.cn", []],
  ["cn-north-1", ".amazonaws.com", ["eks.cn-north-1.amazonaws.com.cn:443"]],
  ["eusc-de-east-1", ".amazonaws.eu", []],
])("EKS in %s goes by the proxy unless NO_PROXY has its own domain: %s", async (region, noProxy, expected) => {
  const { asked, url } = await proxy();
  setEnv({
    AWS_ENDPOINT_URL_EKS: undefined,
    AWS_ENDPOINT_URL_STS: undefined,
    AWS_ENDPOINT_URL: undefined,
    AWS_ACCESS_KEY_ID: "AKIAENV",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_PROFILE: undefined,
    AWS_MAX_ATTEMPTS: "1",
  });
  const settings = settingsOf({ env: { HTTPS_PROXY: url, NO_PROXY: noProxy } });
  const ref = { kind: "eks", name: "prod", region, profile: undefined, roleArn: undefined } as const;
  await new EksConnection(ref, settings).describe(AbortSignal.timeout(3_000)).catch(() => undefined);
  expect([...new Set(asked)]).toEqual(expected);
});
