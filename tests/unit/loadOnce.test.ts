import { expect, it, vi } from "vitest";
import { loadOnce } from "../../provider/loadOnce.ts";

it("loads a module when it is first asked for, and once", async () => {
  const load = vi.fn(async () => ({ name: "module" }));
  const module = loadOnce(load);
  expect(load).not.toHaveBeenCalled();
  expect(await Promise.all([module(), module()])).toEqual([{ name: "module" }, { name: "module" }]);
  await module();
  expect(load).toHaveBeenCalledOnce();
});
