package local

const issuedFile = "issued-keys.json" // the issued keys' document, hashes only

// Issued is the document of the keys issued here earlier, "" if there is none.
func (f Folder) Issued() (string, error) { return f.Read(issuedFile) }

// WriteIssued keeps the document of the issued keys for the next run.
func (f Folder) WriteIssued(document string) error { return f.Write(issuedFile, document) }
