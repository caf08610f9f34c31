package tools

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// The chart has a bar for each measure, on a scale that suits most weather.
const (
	chartWidth, chartHeight = 160, 90 // pixels
	chartMargin             = 8
)

// Colors of the chart, by index.
const (
	chartPaper = iota
	chartScale
	chartWarm
	chartWater
	chartWind
)

func chartColors() color.Palette {
	return color.Palette{
		chartPaper: color.White, chartScale: color.Gray{0xD0}, chartWarm: color.RGBA{0xE0, 0x5A, 0x2B, 0xFF},
		chartWater: color.RGBA{0x2B, 0x7A, 0xE0, 0xFF}, chartWind: color.RGBA{0x4C, 0xA0, 0x6A, 0xFF},
	}
}

// chart draws temperature, humidity and wind as bars, as a PNG of under 1 KB.
func (w weather) chart() ([]byte, error) {
	canvas := image.NewPaletted(image.Rect(0, 0, chartWidth, chartHeight), chartColors())
	bars := []struct {
		share float64 // of the scale
		color uint8
	}{
		{(w.Temperature.Value + 20) / 60, chartWarm}, // -20 to 40 °C
		{w.Humidity.Value / 100, chartWater},
		{w.Wind.Value / 60, chartWind}, // up to 60 km/h
	}
	const height = (chartHeight - chartMargin) / 3
	for i, b := range bars {
		top := chartMargin + i*height
		box := image.Rect(chartMargin, top, chartWidth-chartMargin, top+height-chartMargin)
		fill(canvas, box, chartScale)
		box.Max.X = box.Min.X + int(min(1, max(0, b.share))*float64(box.Dx()))
		fill(canvas, box, b.color)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, canvas); err != nil {
		return nil, fmt.Errorf("encode the chart: %w", err)
	}
	return out.Bytes(), nil
}

func fill(canvas *image.Paletted, box image.Rectangle, index uint8) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			canvas.SetColorIndex(x, y, index)
		}
	}
}
