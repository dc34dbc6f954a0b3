package layers_test

import (
	"testing"

	"kharita/geo"
	"kharita/internal/layers"
	"kharita/internal/layers/layerstest"
)

func TestMemory(t *testing.T) {
	layerstest.Run(t, func(_ *testing.T, features []geo.Feature) layers.Source { return layers.NewMemory(features) })
}

func TestMemoryWritten(t *testing.T) {
	layerstest.Run(t, func(t *testing.T, features []geo.Feature) layers.Source {
		t.Helper()
		return layers.Written(t, layers.NewMemory(features))
	})
}
