import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lastValueFrom, merge } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileJournal } from '../../docs/recipes/shop/file-journal.ts';
import { UnfinishedOrders } from '../../docs/recipes/shop/unfinished-orders.ts';
import { orderOf } from './virtual-shop.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'journal-'));
  file = path.join(folder, 'orders');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const done = { defaultValue: undefined };
const names = async (): Promise<string[]> => {
  const journal = await fileJournal(file);
  await journal.close();
  const all = new Map(['a', 'b', 'c'].map((name) => [orderOf(name).id, name]));
  return journal.begun.map(({ order }) => all.get(order.id)!);
};

describe('the journal', () => {
  it('knows after a restart what was begun and not finished', async () => {
    const journal = await fileJournal(file);
    expect(journal.begun).toStrictEqual([]);
    const orders = new UnfinishedOrders(journal);
    await lastValueFrom(merge(...['a', 'b', 'c'].map((name) => orders.begin(orderOf(name)))), done);
    await lastValueFrom(orders.finish(orderOf('b').id), done);
    await journal.close();

    expect(await names()).toStrictEqual(['a', 'c']);
    const again = await fileJournal(file);
    expect(again.begun[0]).toStrictEqual({ at: expect.any(Number), order: orderOf('a') });
    expect(new UnfinishedOrders(again).size).toStrictEqual({ all: 2, waiting: 2, aside: 0 });
    await again.close();
  });

  it('takes an order for begun only when it is safe', async () => {
    const journal = await fileJournal(file);
    const orders = new UnfinishedOrders(journal);
    const begun = lastValueFrom(orders.begin(orderOf('a')), done);
    expect(orders.has(orderOf('a').id)).toBe(false);
    await begun;
    expect(orders.has(orderOf('a').id)).toBe(true);
    expect(await readFile(file, 'utf8')).toContain(orderOf('a').id);

    await journal.close();
    await expect(lastValueFrom(orders.begin(orderOf('b')), done)).rejects.toThrow();
    expect(orders.has(orderOf('b').id)).toBe(false);
  });

  it('survives a write that was cut short, at its end and in the middle', async () => {
    const journal = await fileJournal(file);
    const orders = new UnfinishedOrders(journal);
    await lastValueFrom(orders.begin(orderOf('a')), done);
    await appendFile(file, '\n{"type":"begun","at":1,"order":{"id":"to');
    await lastValueFrom(orders.begin(orderOf('b')), done);
    await appendFile(file, '\n{"type":"finished","id":"');
    await journal.close();
    expect(await names()).toStrictEqual(['a', 'b']);
  });

  it('does not grow with what is finished', async () => {
    for (let i = 0; i < 3; i++) {
      const journal = await fileJournal(file);
      const orders = new UnfinishedOrders(journal);
      await lastValueFrom(orders.begin(orderOf('c')), done);
      await lastValueFrom(orders.finish(orderOf('c').id), done);
      await journal.close();
    }
    expect(await names()).toStrictEqual([]);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('starts with the old one where it died while it wrote the new one', async () => {
    const journal = await fileJournal(file);
    await lastValueFrom(new UnfinishedOrders(journal).begin(orderOf('a')), done);
    await journal.close();
    await writeFile(`${file}.new`, '\n{"type":"beg');
    expect(await names()).toStrictEqual(['a']);
  });

  it('says what is wrong where it cannot be read', async () => {
    await expect(fileJournal(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
