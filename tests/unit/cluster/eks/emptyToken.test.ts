import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { settingsOf } from "../support.ts";
import { limits, ref } from "./entriesWorld.ts";
import { setEnv } from "./world.ts";

it("a list ends with a page whose token is empty, as it does for the SDK's own paginators", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    const page = { accessEntries: ["arn:aws:iam::111122223333:role/dev"], nextToken: asked > 20 ? undefined : "" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page));
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
  await new AccessEntryApi(ref, settingsOf({}), undefined, limits).list();
  expect(asked).toBe(1);
});
