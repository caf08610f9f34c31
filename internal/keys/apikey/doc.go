// Package apikey implements everything about API keys that needs no cloud: the format
// of a key, its hash, the document that lists the hashes of issued keys, the
// keyring that looks a key up, and the principal that a valid key stands for.
//
// Only the person who generated a plain key and the authorizer see it: documents
// hold SHA-256 hashes, and no error of this package quotes a key, a hash or a
// document. One round of SHA-256 is enough, because the keys are random
// ([CheckStrength] rejects others), unlike passwords.
package apikey
