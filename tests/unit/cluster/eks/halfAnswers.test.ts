import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { settingsOf } from "../support.ts";
import { limits, ref } from "./entriesWorld.ts";
import { setEnv } from "./world.ts";

/** The access entries of a cluster of which an EKS tells, by the body of each answer. */
async function apiOf(answer: () => string): Promise<AccessEntryApi> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(answer());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  setEnv({
    AWS_ENDPOINT_URL_EKS: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    AWS_ACCESS_KEY_ID: "AKIAENV",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_PROFILE: undefined,
  });
  return new AccessEntryApi(ref, settingsOf({}), undefined, limits);
}

const role = "arn:aws:iam::111122223333:role/dev";

it("a list ends with a page whose token is empty, as it does for the SDK's own paginators", async () => {
  let asked = 0;
  const api = await apiOf(() => {
    asked++;
    return JSON.stringify({ accessEntries: [role], nextToken: asked > 20 ? undefined : "" });
  });
  await api.list();
  expect(asked).toBe(1);
});

it.each(["", "{}"])("no entry is gone, and no list empty, by an answer that does not have it: %j", async (body) => {
  const api = await apiOf(() => body);
  const unanswered = {
    code: "clusterUnreachable",
    message: expect.stringContaining("the answer does not contain what was asked for"),
  };
  await expect(api.cluster()).rejects.toMatchObject(unanswered);
  await expect(api.list()).rejects.toMatchObject(unanswered);
  await expect(api.read(role)).rejects.toMatchObject(unanswered);
  await expect(api.eksRoles()).rejects.toMatchObject(unanswered);
});
