/**
 * A certificate for `localhost` that is signed by itself, and its key, for servers of tests. Both are known to every
 * reader of this file, and protect nothing. They hold from 2020 to 2120.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBEjCBuAIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcN
MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2Fs
aG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDWFao831F+/qQkXMHOx/0wZ
Jk1FU2tBESLu5pZBnawWs1j3hXbstYh2bL69kzGI5NPFxxxHXR9mMGkgSqNZ9Lkw
CgYIKoZIzj0EAwIDSQAwRgIhAPxdJ9406bk/7oArcWCKVI2usbiCRWZqMXgeHDfY
Sj/9AiEAsL4GnGOa/n4flN0bvNUUFU3dIbW6UNAiFZnTgtxNFig=
-----END CERTIFICATE-----`;

export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOKX0WkVDhKXGsLrI
M4aSQdrmgIddfkhIg97TLp3r2bKhRANCAAQ1hWqPN9Rfv6kJFzBzsf9MGSZNRVNr
QREi7uaWQZ2sFrNY94V27LWIdmy+vZMxiOTTxcccR10fZjBpIEqjWfS5
-----END PRIVATE KEY-----`;
