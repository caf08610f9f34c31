package tool

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// Content is a part of a result other than structured content: text, an image,
// audio, a document, or a link to a resource. A tool returns a Content, a []Content, or
// a [Result] that has both Content and structured content. Mistakes in a Content are
// reported when the result is sent, as an internal error.
type Content struct {
	content     mcp.Content
	annotations mcp.Annotations
	err         error
}

// Text returns plain text.
func Text(text string) Content { return Content{content: mcp.NewTextContent(text)} }

// Image returns a PNG, JPEG, GIF or WebP image. It detects the type from the data.
func Image(data []byte) Content {
	c := Content{content: mcp.NewImageContent(base64.StdEncoding.EncodeToString(data), sniff(data, imageTypes))}
	if sniff(data, imageTypes) == "" {
		c.err = errors.New("the image is not PNG, JPEG, GIF or WebP")
	}
	return c
}

// Audio returns WAV, MP3, Ogg or FLAC audio. It detects the type from the data.
func Audio(data []byte) Content {
	c := Content{content: mcp.NewAudioContent(base64.StdEncoding.EncodeToString(data), sniff(data, audioTypes))}
	if sniff(data, audioTypes) == "" {
		c.err = errors.New("the audio is not WAV, MP3, Ogg or FLAC")
	}
	return c
}

// Document returns the contents of a resource, embedded in the result. uri names the
// resource, which the server need not offer. An empty mimeType means text/plain for
// UTF-8 and application/octet-stream for other data. Only data of a text type is sent as
// text.
func Document(uri, mimeType string, data []byte) Content {
	text := isText(mimeType) && utf8.Valid(data)
	switch {
	case mimeType == "" && text:
		mimeType = "text/plain"
	case mimeType == "":
		mimeType = "application/octet-stream"
	}
	var contents mcp.ResourceContents = mcp.TextResourceContents{URI: uri, MIMEType: mimeType, Text: string(data)}
	if !text {
		contents = mcp.BlobResourceContents{URI: uri, MIMEType: mimeType, Blob: base64.StdEncoding.EncodeToString(data)}
	}
	return Content{content: mcp.NewEmbeddedResource(contents), err: checkURI(uri)}
}

// LinkInfo describes a resource that a client can read, or a web page.
type LinkInfo struct {
	URI         string // absolute; required
	Name        string // required
	Title       string // display name; empty means that clients show Name
	Description string // may be empty
	MIMEType    string // empty means unknown
	Size        int64  // bytes; 0 means unknown
}

// Link returns a link to a resource. The client may read the resource with another
// request.
func Link(info LinkInfo) Content {
	link := mcp.NewResourceLink(info.URI, info.Name, info.Description, info.MIMEType)
	link.Title = info.Title
	if info.Size > 0 {
		link.Size = &info.Size
	}
	c := Content{content: link, err: checkURI(info.URI)}
	if info.Name == "" {
		c.err = errors.New("the link has no name")
	}
	return c
}

func checkURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Scheme == "":
		return errors.New("the content's URI has no scheme")
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return errors.New("the content's URI has no host")
	}
	return nil
}

// For returns the content marked as meant for the user (mcp.RoleUser), the model
// (mcp.RoleAssistant), or both.
func (c Content) For(audience ...mcp.Role) Content {
	c.annotations.Audience = audience
	for _, role := range audience {
		if role != mcp.RoleUser && role != mcp.RoleAssistant {
			c.err = fmt.Errorf("the content's audience %q is neither %q nor %q", role, mcp.RoleUser, mcp.RoleAssistant)
		}
	}
	return c
}

// Priority returns the content with a priority, from 0 (may be left out) to 1
// (required).
func (c Content) Priority(priority float64) Content {
	c.annotations.Priority = &priority
	if !(priority >= 0 && priority <= 1) { // also true for NaN, which has no JSON form
		c.err = fmt.Errorf("the content's priority is %v, need 0 to 1", priority)
	}
	return c
}

// wire returns the content as mcp-go sends it.
func (c Content) wire() (mcp.Content, error) {
	if c.err != nil || c.content == nil {
		return nil, cmpError(c.err, errors.New("the content is empty; use Text, Image, Audio, Document or Link"))
	}
	if c.annotations.Audience == nil && c.annotations.Priority == nil {
		return c.content, nil
	}
	annotated := mcp.Annotated{Annotations: &c.annotations}
	switch content := c.content.(type) {
	case mcp.TextContent:
		content.Annotated = annotated
		return content, nil
	case mcp.ImageContent:
		content.Annotated = annotated
		return content, nil
	case mcp.AudioContent:
		content.Annotated = annotated
		return content, nil
	case mcp.EmbeddedResource:
		content.Annotated = annotated
		return content, nil
	case mcp.ResourceLink:
		content.Annotated = annotated
		return content, nil
	}
	return c.content, nil
}

func cmpError(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}
