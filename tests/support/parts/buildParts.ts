import { clearStaging, entryDirectory, holdsAll, makeStagingDirectory, publish } from "./cacheDirectory.ts";
import { dynamicPlugin, writeDynamicPlugin } from "./dynamicPlugin.ts";
import { findOnPath } from "./executables.ts";
import { discardGoCaches, goBuild, goCopy } from "./goBuild.ts";
import { PartError } from "./partError.ts";
import { keepSaying, progress } from "./progress.ts";
import { neededGo, type Recipe } from "./recipes.ts";

/** Programs that the cache entry of a recipe holds. */
export function programsOf(recipe: Recipe): readonly string[] {
  const built = [...recipe.builds, ...(recipe.copies ?? [])].map(({ program }) => program);
  return recipe.isPulumi ? [...built, dynamicPlugin] : built;
}

/** The cache entry of a recipe, when it is complete. */
export function findInCache(recipe: Recipe): string | undefined {
  const directory = entryDirectory(recipe);
  return holdsAll(directory, programsOf(recipe)) ? directory : undefined;
}

/**
 * Builds the given recipes into the cache, one after another: Go keeps all cores busy with one, and a later build reuses what an
 * earlier one compiled of Go's own library. Only for the holder of the build lock.
 *
 * @throws PartError when there is no Go or a build fails; what was finished before is kept.
 */
export async function buildParts(recipes: readonly Recipe[]): Promise<void> {
  const go = findOnPath("go");
  if (go === undefined) {
    throw new PartError(`there is no Go on PATH to build ${recipes.map(label).join(", ")}`);
  }
  await clearStaging();
  for (const recipe of recipes) {
    await build(go, recipe);
  }
  await discardGoCaches();
  await clearStaging();
}

async function build(go: string, recipe: Recipe): Promise<void> {
  progress(`building ${label(recipe)} with Go (${recipe.cost} on two cores, once; needs Go ${neededGo} or newer)`);
  const done = keepSaying(`still building ${label(recipe)}`);
  try {
    const staged = await makeStagingDirectory(recipe.name);
    for (const program of recipe.builds) {
      await goBuild(go, program, staged);
    }
    for (const program of recipe.copies ?? []) {
      await goCopy(go, program, staged);
    }
    if (recipe.isPulumi) {
      await writeDynamicPlugin(staged);
    }
    await publish(staged, entryDirectory(recipe), programsOf(recipe));
    progress(`built ${label(recipe)} in ${done()} s`);
  } finally {
    done();
  }
}

function label(recipe: Recipe): string {
  return `${recipe.name} ${recipe.version}`;
}
