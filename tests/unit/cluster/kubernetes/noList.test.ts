import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { openMap, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { readRbac } from "../../../../provider/cluster/kubernetes/access.ts";
import { kubeconfigOf, settingsOf } from "../support.ts";

async function read(body: object) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const settings = settingsOf({});
  const kubeconfig = kubeconfigOf({ ctx: `http://127.0.0.1:${port}` });
  const { connection } = await openMap(await resolveClusterRef({ kubeconfig }, settings), settings);
  return connection && readRbac(connection, ["clusterrolebindings"]);
}

describe("a list of role bindings", () => {
  it.each([
    ["a gateway that asks to log in", { error: "login_required", url: "https://login.example" }],
    ["a server that reports a failure", { kind: "Status", status: "Failure", message: "no" }],
    ["one that has something else in its place", { items: { a: "b" } }],
  ])("is not empty because %s answers with 200", async (_title, body) => {
    expect(await read(body)).toHaveProperty("unread");
  });

  it.each([{ items: [] }, { items: null }])("is empty where the server says so: %j", async (body) => {
    expect(await read(body)).toHaveProperty("objects");
  });
});

it("a list of any length is read, also from a server that gives it in one page", async () => {
  const items = Array.from({ length: 200_000 }, () => ({}));
  expect(await read({ items })).toHaveProperty("objects");
});
