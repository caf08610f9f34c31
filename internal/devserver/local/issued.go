package local

const issuedFile = "issued-keys.json" // the key document of issued keys, which has hashes only

// Issued returns the key document of the locally issued keys, or "".
func (f Folder) Issued() (string, error) { return f.Read(issuedFile) }

// WriteIssued stores the key document of the locally issued keys for later runs.
func (f Folder) WriteIssued(document string) error { return f.Write(issuedFile, document) }
