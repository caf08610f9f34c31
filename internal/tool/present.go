package tool

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// Icon is an image that clients may show next to a name. [PNGIcon] and [SVGIcon] make
// icons that contain the image, so that clients need not request it.
type Icon = mcp.Icon

// PNGIcon returns an icon from a PNG file. size is its width and height in
// pixels; 0 means unknown.
func PNGIcon(data []byte, size int) Icon {
	icon := Icon{Src: "data:image/png;base64," + base64.StdEncoding.EncodeToString(data), MIMEType: "image/png"}
	if size > 0 {
		icon.Sizes = []string{fmt.Sprintf("%dx%d", size, size)}
	}
	return icon
}

// SVGIcon returns an icon from the text of an SVG file. Clients must support PNG
// but need not support SVG (specification, basic/index, Icons).
func SVGIcon(svg string) Icon {
	return Icon{
		Src:      "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)),
		MIMEType: "image/svg+xml",
		Sizes:    []string{"any"},
	}
}

// maxIcon limits the length of an icon's URI, because every list contains it.
const maxIcon = 16 << 10

// CheckIcon returns an error if clients would reject the icon: they accept https and data
// URIs of PNG, JPEG, WebP and SVG images. It also limits a data URI to 16 KB.
func CheckIcon(icon Icon) error {
	kind, isData := strings.CutPrefix(icon.Src, "data:")
	if at := strings.IndexAny(kind, ";,"); at >= 0 {
		kind = kind[:at]
	}
	switch {
	case len(icon.Src) > maxIcon:
		return fmt.Errorf("the icon has %d bytes, at most %d are allowed", len(icon.Src), maxIcon)
	case strings.HasPrefix(icon.Src, "https://") && isURI(icon.Src) && icon.Src[len("https://"):] != "":
	case !isData || !strings.HasPrefix(kind, "image/"):
		return fmt.Errorf("the icon's address must begin with https:// or data:image/")
	case !showable(kind):
		return fmt.Errorf("the icon's data are of type %q, which is not one that clients show", kind)
	case icon.MIMEType != "" && icon.MIMEType != kind:
		return fmt.Errorf("the icon's MIME type is %q, and that of its data %q", icon.MIMEType, kind)
	}
	if icon.MIMEType != "" && !showable(icon.MIMEType) {
		return fmt.Errorf("the icon's MIME type %q is not one that clients show", icon.MIMEType)
	}
	for _, size := range icon.Sizes {
		width, height, ok := strings.Cut(size, "x")
		if size != "any" && (!ok || strings.Trim(width+height, digits) != "" || width == "" || height == "") {
			return fmt.Errorf("the icon's size %q must be any or such as 48x48", size)
		}
	}
	return nil
}

// showable reports whether clients show images of the type.
func showable(mimeType string) bool {
	switch mimeType {
	case "image/png", "image/jpeg", "image/jpg", "image/webp", "image/svg+xml":
		return true
	}
	return false
}

// reservedMeta reports whether a _meta key is reserved for the specification
// (basic/index, _meta): the second label of its prefix, before the "/", is
// modelcontextprotocol or mcp. It also reserves keys with such a label elsewhere, because
// mcp.example/ and com.example.mcp.dev/ look like the protocol's, unless the label is the
// last of three or more.
func reservedMeta(key string) bool {
	prefix, _, ok := strings.Cut(key, "/")
	labels := strings.Split(prefix, ".")
	for i, label := range labels {
		if ok && (label == "modelcontextprotocol" || label == "mcp") && (i < 2 || i < len(labels)-1) {
			return true
		}
	}
	return false
}

// presentation returns the problems with a declaration's icons and metadata.
func presentation(icons []Icon, meta map[string]any) []string {
	var problems []string
	for _, icon := range icons {
		if err := CheckIcon(icon); err != nil {
			problems = append(problems, err.Error())
		}
	}
	for _, key := range sortedKeys(meta) {
		if reservedMeta(key) {
			problems = append(problems, fmt.Sprintf("the metadata key %q is reserved for the protocol", key))
		}
		if _, err := json.Marshal(meta[key]); err != nil {
			problems = append(problems, fmt.Sprintf("the metadata value of %q has no JSON form", key))
		}
	}
	return problems
}

// metaOf converts the metadata to mcp-go's type; nil if there is none.
func metaOf(meta map[string]any) *mcp.Meta {
	if len(meta) == 0 {
		return nil
	}
	return &mcp.Meta{AdditionalFields: meta}
}
