import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { AwsAuthError, UnknownOutcomeError } from "../../../../provider/errors.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";

/** No file system here fails as those behind a network do, so that this stands in for one. */
const failure = vi.hoisted(() => ({ code: "" }));
vi.mock("../../../../provider/cluster/manifest/files.ts", async (original) => ({
  ...(await original<object>()),
  replaceFile: () => Promise.reject(Object.assign(new Error("write failed"), { code: failure.code })),
}));

it.each([
  ["EIO", true],
  ["ESTALE", true],
  ["ENOSPC", false],
  ["EROFS", false],
])("after %s the outcome of a manifest's write is unknown: %s", async (code, isUnknown) => {
  const cwd = await temporaryDirectory();
  await writeFile(
    join(cwd, "aws-auth.yaml"),
    "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\ndata:\n  mapRoles: x\n",
  );
  const settings = settingsOf({ cwd });
  const store = await openStore(await resolveClusterRef({ manifest: "aws-auth.yaml" }, settings), settings);
  const base = await store.read();
  failure.code = code;
  const error: unknown = await store.write({ data: { mapRoles: "y" } }, base).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AwsAuthError);
  expect(error instanceof UnknownOutcomeError).toBe(isUnknown);
});
