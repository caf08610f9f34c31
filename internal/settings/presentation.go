package settings

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Presentation holds what clients and the page show in addition to the server's name. Empty
// fields are not sent.
type Presentation struct {
	Title        string // display name
	Instructions string // for the model, about the whole server
	Icon         string // an https or data URI
	Website      string // an http or https URL, for people
}

// maxInstructions and maxIcon leave room for each other and the tools' settings in
// a function's environment, see maxToolBytes.
const (
	maxTitle        = 60   // characters
	maxInstructions = 2000 // bytes
	maxIcon         = 2000 // characters of the URI
)

// FileSettings returns the settings whose value may be @ and the name of a file. Package
// dotenv reads the files, relative to the project's folder.
func FileSettings() []string { return []string{EnvInstructions, EnvIcon} }

// addTo sets the variables of the fields that are not empty.
func (p Presentation) addTo(env map[string]string) {
	for name, value := range p.variables() {
		if value != "" {
			env[name] = value
		}
	}
}

// PresentationFromEnv reads the presentation from a program's environment.
func PresentationFromEnv(getenv func(string) string) Presentation {
	return Presentation{Title: getenv(EnvServerTitle), Instructions: getenv(EnvInstructions), Icon: getenv(EnvIcon), Website: getenv(EnvWebsite)}
}

func (p Presentation) variables() map[string]string {
	return map[string]string{EnvServerTitle: p.Title, EnvInstructions: p.Instructions, EnvIcon: p.Icon, EnvWebsite: p.Website}
}

// size returns the size of the variables in bytes.
func (p Presentation) size() (n int) {
	for name, value := range p.variables() {
		if value != "" {
			n += len(name) + len(value)
		}
	}
	return n
}

func titleSetting() setting {
	return setting{
		name: EnvServerTitle, example: "Weather and people",
		help: "Display name of the server, for clients and the page, at most 60 characters. If unset, they show SERVER_NAME.",
		set: func(s *Settings, v string) error {
			if n := utf8.RuneCountInString(v); n > maxTitle {
				return fmt.Errorf("is %d characters, need at most %d", n, maxTitle)
			}
			return setText(&s.Presentation.Title, v, utf8.UTFMax*maxTitle, "")
		},
	}
}

func instructionsSetting() setting {
	return setting{
		name: EnvInstructions, example: "Cities are in English. Temperatures are in degrees Celsius.",
		help: "What the model should know about the whole server, at most 2000 bytes: the text, or @ and the name of a file (@instructions.md).\n" +
			"Clients add it to the model's prompt.",
		set: func(s *Settings, v string) error {
			return setText(&s.Presentation.Instructions, v, maxInstructions, "\n\t")
		},
	}
}

func iconSetting() setting {
	return setting{
		name: EnvIcon, example: "https://example.com/icon.png",
		help: "Icon of the server, for clients and the page: an https URL, or @ and the name of a file (@icon.png), PNG, JPEG, WebP or SVG\n" +
			"of at most 1400 bytes.",
		set: func(s *Settings, v string) error { return setIcon(&s.Presentation.Icon, v) },
	}
}

func websiteSetting() setting {
	return setting{
		name: EnvWebsite, example: "https://example.com/mcp",
		help: "Web page about the server, for people.",
		set:  func(s *Settings, v string) error { return setWebsite(&s.Presentation.Website, v) },
	}
}

// setText accepts text without control characters, except those of allowed.
func setText(field *string, value string, most int, allowed string) error {
	control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(allowed, r) }
	switch {
	case strings.HasPrefix(value, "@"):
		return errors.New("names a file that was not read")
	case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
		return errors.New("has control characters or invalid UTF-8")
	case len(value) > most:
		return fmt.Errorf("is %d bytes, need at most %d", len(value), most)
	}
	*field = value
	return nil
}

// setIcon accepts URIs that clients accept and that the page's Content-Security-Policy
// can contain.
func setIcon(field *string, value string) error {
	u, err := url.Parse(value)
	remote := err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`;,'"\<>*`, r) })
	switch {
	case strings.HasPrefix(value, "@"):
		return errors.New("names a file that was not read")
	case len(value) > maxIcon:
		return fmt.Errorf("is %d characters as a URI, need at most %d; use a smaller file or an https URL", len(value), maxIcon)
	case !remote && !isImage(value):
		return errors.New("is neither an https URL nor a data URI of a PNG, JPEG, WebP or SVG image; for a file write @ before its name")
	}
	*field = value
	return nil
}

// isImage reports whether the value is a data URI of an image, in base64.
func isImage(value string) bool {
	kind, data, ok := strings.Cut(strings.TrimPrefix(value, "data:image/"), ";base64,")
	switch kind {
	case "png", "jpeg", "webp", "svg+xml":
	default:
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(data)
	return ok && strings.HasPrefix(value, "data:image/") && data != "" && err == nil && !strings.ContainsAny(data, "\r\n")
}

func setWebsite(field *string, value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return errors.New("is not an http or https URL without a password")
	}
	*field = value
	return nil
}
