import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { type Journal, type JournalEntry, unfinishedOf } from './journal.ts';

export interface FileJournal extends Journal {
  close(): Promise<void>;
}

/**
 * A journal in a file, an entry on each line. What is finished is left out when it is opened, so it does not grow for
 * ever. It is for one process; a service of several instances has a table in a database instead.
 */
export async function fileJournal(path: string): Promise<FileJournal> {
  const begun = unfinishedOf(entriesIn(await readFile(path, 'utf8').catch(noneYet)));

  // Beside the old one, and then in its place: a crash in between leaves the old one as it was.
  const fresh = await open(`${path}.new`, 'w');
  await fresh.writeFile(begun.map(({ at, order }) => line({ type: 'begun', at, order })).join(''));
  await fresh.sync();
  await fresh.close();
  await rename(`${path}.new`, path);

  const file = await open(path, 'a');
  let last: Promise<unknown> = Promise.resolve();
  return {
    begun,
    append: (entry) => {
      // One after the other, whatever became of the one before: two writes at once could mix.
      const written = last.then(() => write(file, entry));
      last = written.catch(() => undefined);
      return written;
    },
    close: () => last.then(() => file.close()),
  };
}

async function write(file: FileHandle, entry: JournalEntry): Promise<void> {
  await file.appendFile(line(entry));
  await file.datasync();
}

/** Its end stands in front of it: after a write that was cut short the next entry still has a line of its own. */
const line = (entry: JournalEntry): string => `\n${JSON.stringify(entry)}`;

/** What does not parse was cut short. Nobody has been told that it was safe, so nothing has followed from it. */
function entriesIn(text: string): JournalEntry[] {
  return text.split('\n').flatMap((each) => {
    try {
      return [JSON.parse(each) as JournalEntry];
    } catch {
      return [];
    }
  });
}

function noneYet(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
