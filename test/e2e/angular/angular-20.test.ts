import { describe } from 'vitest';
import { cancelling } from './scenarios/cancelling.js';
import { foreignOrigins } from './scenarios/foreign-origins.js';
import { offline } from './scenarios/offline.js';
import { outage } from './scenarios/outage.js';
import { resources } from './scenarios/resources.js';
import { hasBrowser, inBrowser, withShop } from './shop.js';

// The oldest one that is supported. Its HttpClient asks by XMLHttpRequest.
withShop('the same application of Angular 20', 'app20', (shop) => {
  describe.skipIf(!hasBrowser)(inBrowser, () => {
    describe('in an outage', () => outage(shop));
    describe('with resources', () => resources(shop, { http: false, rx: true }));
    describe('cancelling', () => cancelling(shop));
    describe('asking other origins', () => foreignOrigins(shop));
    describe('without a network', () => offline(shop));
  });
});
