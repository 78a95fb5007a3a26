import { contentSecurityPolicy, html } from './page-content.js';

/** The dashboard: one document that asks for nothing else, and the policy that holds it to that. */
export interface DashboardPage {
  readonly html: string;
  /** For the header `Content-Security-Policy`. */
  readonly contentSecurityPolicy: string;
}

/** To be served at `prefix/dashboard`: the page finds `stream` and `policies` beside itself. */
export function dashboardPage(): DashboardPage {
  return { html, contentSecurityPolicy };
}
