import { type Answer, type Backend, json } from './backend.ts';

/** What the API of the shop answers while everything is up. */
const answers: Readonly<Record<string, Answer>> = {
  '/api/payments/today': json({ today: [{ id: 'order-17', amount: 12 }, { id: 'order-18', amount: 31 }] }),
  '/api/payments/charges': json({ id: 'charge-1' }),
  '/api/catalog/items': json({ items: [{ name: 'Bread', price: 3 }, { name: 'Cheese', price: 7 }, { name: 'Olives', price: 4 }] }),
  '/api/suggestions/today': json({ title: 'Because you like bread', items: ['Butter', 'Honey', 'Jam'] }),
};

export function goodDay(backend: Backend): void {
  for (const [where, answer] of Object.entries(answers)) backend.on(where, answer);
}
