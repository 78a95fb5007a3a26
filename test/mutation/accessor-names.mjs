// The name of an accessor that is written in quotes (`get '~resilience'()`) is a string to the mutator, which cannot put
// a condition there and gives up the whole run.
const accessorNames = {
  shouldIgnore(path) {
    if (path.isStringLiteral() && path.key === 'key' && path.parentPath.isClassMethod()) return 'the name of an accessor';
    return undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'accessor-names', value: accessorNames }];
