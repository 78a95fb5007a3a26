import fc from 'fast-check';

// Else a mutant lives or dies by chance, and a score could not be compared with the one before.
fc.configureGlobal({ seed: 1 });
