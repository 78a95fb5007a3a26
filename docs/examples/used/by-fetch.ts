import { resilientFetch } from 'rxjs-resilience/fetch';

export const fetch = resilientFetch(); // the signature and the manners of fetch, with policies for each origin
export const find = (id: string) => fetch(`https://api.example/items/${id}`).then((response) => response.json());
