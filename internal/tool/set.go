package tool

// Set is all that a server offers.
type Set struct {
	Tools     []Tool
	Resources []Resource
	Templates []Template
	Prompts   []Prompt
}

// Resource is one document with a fixed address.
type Resource struct{ err error }

// Template is a family of documents, one for each value of its variables.
type Template struct{ err error }

// Prompt is a message that a person picks, with blanks to fill in.
type Prompt struct{ err error }
