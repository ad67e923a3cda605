/**
 * Loads a module when it is first needed. Node resolves a module for each `import()`, which takes longer than everything else that
 * most operations do with it.
 */
export function loadOnce<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Promise<Module> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
