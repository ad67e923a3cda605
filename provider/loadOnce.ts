/**
 * Loads a module when it is first needed. Node looks a module up anew for each `import()`, which takes longer than all else that most
 * resources ask of it.
 */
export function loadOnce<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Promise<Module> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
