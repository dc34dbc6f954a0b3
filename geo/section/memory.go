package section

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"
)

// This file alone looks at values as bytes and at bytes as values. That is sound because
// the values hold no pointers, which layoutOf sees to; because a section is read with the
// layout it was written with, and lies at a multiple of its values' alignment; and because
// nobody writes to what is handed out, nor to the memory under it.

// layoutOf returns how a T lies in memory, in words, so that a change of the type makes
// the files of before unreadable. It panics if T holds pointers.
func layoutOf[T any]() string {
	var b strings.Builder
	describe(&b, reflect.TypeFor[T]())
	return b.String()
}

func describe(b *strings.Builder, t reflect.Type) {
	switch k := t.Kind(); k {
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		b.WriteString(k.String())
	case reflect.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		describe(b, t.Elem())
	case reflect.Struct:
		b.WriteByte('{')
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(b, "%d %s ", f.Offset, f.Name)
			describe(b, f.Type)
			b.WriteByte(';')
		}
		fmt.Fprintf(b, "}%d", t.Size())
	default:
		panic(fmt.Sprintf("section: %s is no plain value", t))
	}
}

// bytesOf returns the memory of column.
func bytesOf[T any](column []T) []byte {
	var v T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(column))), len(column)*int(unsafe.Sizeof(v)))
}

// valuesOf is the inverse of bytesOf; ok is false if data ends within a value.
func valuesOf[T any](data []byte) (column []T, ok bool) {
	var v T
	size := int(unsafe.Sizeof(v))
	if size == 0 || len(data)%size != 0 {
		return nil, false
	}
	if len(data) == 0 {
		return nil, true
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/size), true
}

// bytesOfText returns the memory of s.
func bytesOfText(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// textOf returns the text that data is.
func textOf(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }

// aligned reports whether values of any type may lie at the start of data.
func aligned(data []byte) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(data)))%unsafe.Alignof(uint64(0)) == 0
}

// alignedBytes returns memory in which values of any type may lie.
func alignedBytes(n int) []byte {
	words := make([]uint64, (n+7)/8)
	return bytesOf(words)[:n]
}

// byteOrder names which byte of a number comes first in memory.
func byteOrder() string {
	if one := uint16(1); bytesOf([]uint16{one})[0] == 1 {
		return "low"
	}
	return "high"
}
