import { describe } from 'vitest';
import { cancelling } from './scenarios/cancelling.js';
import { foreignOrigins } from './scenarios/foreign-origins.js';
import { offline } from './scenarios/offline.js';
import { outage } from './scenarios/outage.js';
import { rendering } from './scenarios/rendering.js';
import { resources } from './scenarios/resources.js';
import { retries } from './scenarios/retries.js';
import { hasBrowser, inBrowser, withShop } from './shop.js';

withShop('an application of Angular 22', 'app', (shop) => {
  describe.skipIf(!hasBrowser)(inBrowser, () => {
    describe('in an outage', () => outage(shop));
    describe('with resources', () => resources(shop, { http: false, rx: false }));
    describe('trying again', () => retries(shop));
    describe('cancelling', () => cancelling(shop));
    describe('asking other origins', () => foreignOrigins(shop));
    describe('without a network', () => offline(shop));
  });
  describe('on the server', () => rendering(shop));
});
