// Package apikey is everything about an API key that needs no cloud: the form
// of a key, its hash, the document that lists the hashes of the keys that were
// given out, the keyring that answers whose key this is, and the principal
// that a checked key stands for.
//
// A plain key is seen by the one who made it and by the authorizer, nobody
// else: documents hold SHA-256 hashes, and no error of this package quotes a
// key, a hash or the document. One round of SHA-256 is enough, because the
// keys are random ([CheckStrength] refuses others) and not passwords.
package apikey
