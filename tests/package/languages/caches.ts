import { join } from "node:path";
import { cacheDirectory } from "../../support/parts/cacheDirectory.ts";

/** A cache directory, which persists between runs. */
function cachePath(...names: string[]): string {
  return join(cacheDirectory(), "programs", ...names);
}

/** Pins the versions of all packages that pip installs. */
const constraints = join(import.meta.dirname, "python-constraints.txt");

/** The environment of programs in a language: caches for its packages. */
export const cachesOf = {
  python: {
    PIP_CACHE_DIR: cachePath("pip"),
    PIP_CONSTRAINT: constraints,
    PIP_BUILD_CONSTRAINT: constraints,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
  },
  // Go makes its module cache read-only by default, so that it cannot be deleted.
  go: { GOMODCACHE: cachePath("go", "mod"), GOCACHE: cachePath("go", "build"), GOFLAGS: "-modcacherw" },
} as const;
