package main

import (
	"errors"

	"serverless-mcp/internal/settings/dotenv"
)

// hintFor says what to do about an error that was made where that is not
// known; "" where the error says it itself.
func hintFor(err error) string {
	switch {
	case errors.Is(err, dotenv.ErrNoProject):
		return "Run it in the project's folder or below."
	}
	return ""
}
