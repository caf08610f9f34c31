package tool

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

const png = "\x89PNG\r\n\x1a\n"

func TestContent(t *testing.T) {
	tests := []struct {
		name    string
		content Content
		want    string
	}{
		{"text", Text("hi"), `{"type":"text","text":"hi"}`},
		{"png", Image([]byte(png)), `{"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"}`},
		{"jpeg", Image([]byte("\xff\xd8\xff\xe0")), `{"type":"image","data":"/9j/4A==","mimeType":"image/jpeg"}`},
		{"gif", Image([]byte("GIF89a")), `{"type":"image","data":"R0lGODlh","mimeType":"image/gif"}`},
		{"webp", Image([]byte("RIFF\x01\x02\x03\x04WEBP")), `{"type":"image","data":"UklGRgECAwRXRUJQ","mimeType":"image/webp"}`},
		{"wav", Audio([]byte("RIFF\x01\x02\x03\x04WAVE")), `{"type":"audio","data":"UklGRgECAwRXQVZF","mimeType":"audio/wav"}`},
		{"mp3", Audio([]byte("ID3\x04")), `{"type":"audio","data":"SUQzBA==","mimeType":"audio/mpeg"}`},
		{"ogg", Audio([]byte("OggS")), `{"type":"audio","data":"T2dnUw==","mimeType":"audio/ogg"}`},
		{"document of text", Document("doc://a", "", []byte("é")), `{"type":"resource","resource":{"uri":"doc://a","mimeType":"text/plain","text":"é"}}`},
		{"document of JSON", Document("doc://a", "application/geo+json", []byte("{}")), `{"type":"resource","resource":{"uri":"doc://a","mimeType":"application/geo+json","text":"{}"}}`},
		{"document of bytes", Document("doc://a", "", []byte{0xff}), `{"type":"resource","resource":{"uri":"doc://a","mimeType":"application/octet-stream","blob":"/w=="}}`},
		{"document of a binary type", Document("doc://a", "application/pdf", []byte("%PDF")), `{"type":"resource","resource":{"uri":"doc://a","mimeType":"application/pdf","blob":"JVBERg=="}}`},
		{"link", Link(LinkInfo{URI: "user://1", Name: "u", Title: "U", Description: "d", MIMEType: "text/plain", Size: 3}),
			`{"type":"resource_link","uri":"user://1","name":"u","title":"U","description":"d","mimeType":"text/plain","size":3}`},
		{"annotated", Text("hi").For(mcp.RoleUser, mcp.RoleAssistant).Priority(0), `{"annotations":{"audience":["user","assistant"],"priority":0},"type":"text","text":"hi"}`},
		{"annotated image", Image([]byte(png)).For(mcp.RoleUser), `{"annotations":{"audience":["user"]},"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"}`},
		{"annotated audio", Audio([]byte("fLaC")).Priority(1), `{"annotations":{"priority":1},"type":"audio","data":"ZkxhQw==","mimeType":"audio/flac"}`},
		{"annotated document", Document("doc://a", "", nil).Priority(1), `{"annotations":{"priority":1},"type":"resource","resource":{"uri":"doc://a","mimeType":"text/plain","text":""}}`},
		{"annotated link", Link(LinkInfo{URI: "a:b", Name: "n"}).Priority(0.5), `{"annotations":{"priority":0.5},"type":"resource_link","uri":"a:b","name":"n","description":"","mimeType":""}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (Content, error) { return tt.content, nil })
			if err := tl.Err(); err != nil || tl.Definition().RawOutputSchema != nil {
				t.Fatalf("error %v, output schema %s", err, tl.Definition().RawOutputSchema)
			}
			result, err := call(t, tl, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(result.Content[0])
			if err != nil || string(got) != tt.want {
				t.Errorf("content %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestBadContent(t *testing.T) {
	tests := []struct {
		name    string
		content Content
		want    string
	}{
		{"none", Content{}, "the content is empty"},
		{"unknown image", Image([]byte("BM")), "the image is not PNG, JPEG, GIF or WebP"},
		{"short image", Image(nil), "the image is not"},
		{"unknown audio", Audio([]byte("RIFF1234AVI ")), "the audio is not WAV, MP3, Ogg or FLAC"},
		{"relative document", Document("a/b", "", nil), "the content's URI has no scheme"},
		{"relative link", Link(LinkInfo{URI: "/a", Name: "n"}), "the content's URI has no scheme"},
		{"link without a name", Link(LinkInfo{URI: "a:b"}), "the link has no name"},
		{"document with an unclosed bracket", Document("http://[::1", "", nil), "the content's URI has no scheme"},
		{"negative priority", Text("x").Priority(-0.5), "the content's priority is -0.5, need 0 to 1"},
		{"priority NaN", Text("x").Priority(math.NaN()), "the content's priority is NaN, need 0 to 1"},
		{"audience", Text("x").For(mcp.RoleUser, "model"), `the content's audience "model" is neither "user" nor "assistant"`},
		{"link without a host", Link(LinkInfo{URI: "https://", Name: "n"}), "the content's URI has no host"},
		{"link with a port only", Link(LinkInfo{URI: "http://:80/x", Name: "n"}), "the content's URI has no host"},
		{"priority", Text("x").Priority(1.5), "the content's priority is 1.5, need 0 to 1"},
	}
	for _, tt := range tests {
		tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) ([]Content, error) {
			return []Content{Text("first"), tt.content}, nil
		})
		if result, err := call(t, tl, ""); err == nil || !strings.Contains(err.Error(), "content 1: "+tt.want) {
			t.Errorf("%s: result %+v, error %v, want one with %q", tt.name, result, err, tt.want)
		}
	}
}

// Content is sent in addition to structured content, after its text.
func TestWithContent(t *testing.T) {
	type output struct {
		N int `json:"n" max:"5" doc:"x"`
	}
	number := 4
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (Result[output], error) {
		return WithContent(output{number}, Image([]byte(png)), Text("more")), nil
	})
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	if want := declaredWith[struct{}, output]().Definition().RawOutputSchema; string(tl.Definition().RawOutputSchema) != string(want) {
		t.Errorf("output schema %s, want %s", tl.Definition().RawOutputSchema, want)
	}
	result, err := call(t, tl, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(result)
	want := `{"content":[{"type":"text","text":"{\"n\":4}"},{"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"},{"type":"text","text":"more"}],"structuredContent":{"n":4}}`
	if string(got) != want || err != nil {
		t.Errorf("result %s, %v, want %s", got, err, want)
	}
	number = 6
	if result, err := call(t, tl, ""); err == nil {
		t.Errorf("result %+v outside the schema, want an error", result)
	}
	plain := New(Info{Name: "x", Description: "x"}, func(context.Context, struct{}) (Result[string], error) {
		return WithContent("look", Image([]byte(png))), nil
	})
	if result, err := call(t, plain, ""); err != nil || len(result.Content) != 2 || result.StructuredContent != nil {
		t.Errorf("result %+v, %v, want text and an image", result, err)
	}
}
