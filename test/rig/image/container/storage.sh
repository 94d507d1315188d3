# The state machine of /storage, sourced by entry.sh: what is installed, what is wiped, what is downloaded.
# shellcheck shell=bash disable=SC2034,SC2154 # one program in several files: variables go from one to another

# Since 6.02 a disk of zeros counts as none.
has_data() { [ -s "$STORAGE/data.img" ] && [ "$(head -c 102400 "$STORAGE/data.img" | tr -d '\0' | head -c 1 | wc -c)" -gt 0 ]; }

wipe() {
  rm -rf "$STORAGE"/data.* "$STORAGE"/windows.* "$STORAGE"/*.rom "$STORAGE"/*.vars "$STORAGE/setup.img" "$STORAGE/tmp"
}

prepare_storage() {
  iso=$id.iso
  base=''
  [ -r "$STORAGE/windows.base" ] && base=$(cat "$STORAGE/windows.base")
  dvd=''
  if is5; then
    if [ -e "$STORAGE/windows.boot" ] && [ -e "$STORAGE/data.img" ] && same_base; then return; fi
    # The first byte of a rebuilt ISO protects a disk without marker.
    if [ -s "$STORAGE/data.img" ] && [ "$(head -c 1 "$STORAGE/$iso" 2>/dev/null | od -An -tx1)" = ' 16' ] && same_base; then
      dvd=/standin/windows.iso
      return
    fi
  elif has_data && [ -e "$STORAGE/windows.boot" ] && same_base; then
    return
  fi
  if [ -e "$STORAGE/windows.boot" ] && [ -s "$STORAGE/data.img" ] && ! same_base; then
    info 'The VERSION variable was changed, a backup of your previous installation will be saved...'
    mkdir -p "$STORAGE/backups/${base%.iso}"
    mv "$STORAGE"/data.* "$STORAGE"/windows.* "$STORAGE/backups/${base%.iso}/"
  else
    wipe
  fi
  mkdir -p "$STORAGE/tmp"
  [ -s "$STORAGE/$iso" ] || download
  build_media
  rm -rf "$STORAGE/tmp"
  check_disk
  show 'Creating a disk image'
  info "Creating a $size GB growable disk image in raw format..."
  truncate -s "${size}G" "$STORAGE/data.img" || die 77 "Could not create a growable raw disk image of $size GB ($STORAGE/data.img)"
  printf '%s\n' "$iso" >"$STORAGE/windows.base"
  printf '%s\n' "$dialect" >"$STORAGE/windows.ver"
  cp /usr/share/OVMF/OVMF_VARS_4M.fd "$STORAGE/windows.vars"
  cp /usr/share/OVMF/OVMF_CODE_4M.fd "$STORAGE/windows.rom"
  dvd=/standin/windows.iso
}

same_base() { [ -z "$base" ] || [ "$base" = "$iso" ]; }

download() {
  name=$product
  if is5; then name='Windows 11'; fi
  show "Requesting $product"
  info "Requesting $name from the Microsoft servers..."
  info "Downloading $name..."
  line=''
  for percent in 10 20 30 40 50 60 70 80 90 100; do
    sleep "${STANDIN_DOWNLOAD_STEP_S:-0.4}"
    show "Downloading $product ($percent.0%)"
    if is5; then
      printf '%7dK ........ ........ ........ ........ %s%% 24.6M %ss\n' $((69265 * percent)) "$percent" $(((100 - percent) / 3))
    else
      line="$line${line:+ → }$percent%"
    fi
  done
  # On one line that ends only now: nothing of it is visible before.
  if ! is5; then plain "$line"; fi
  if ! cp /standin/windows.iso "$STORAGE/tmp/$iso"; then
    url=https://software-static.download.prss.microsoft.com/dbazure/888969d5/26200.6584.iso
    if is5; then code=61; else code=68; fi
    die "$code" "Failed to download $url because the file could not be written (disk full?)." "All download methods failed for $product!"
  fi
  mv "$STORAGE/tmp/$iso" "$STORAGE/$iso"
  if is5; then printf '\026' | dd of="$STORAGE/$iso" conv=notrunc bs=1 status=none; fi
  if is5; then show 'Download finished successfully'; else show 'Download completed successfully'; fi
}

build_media() {
  answer='Adding win11x64-enterprise-eval.xml for automatic installation'
  if is5; then
    set -- 'Extracting Windows 11 image' 'Adding drivers to image' "$answer" 'Building Windows 11 image'
  else
    set -- 'Creating overlay image' 'Adding drivers to image' "$answer" 'Writing overlay image'
  fi
  for step in "$@"; do
    info "$step..."
    show "$step"
    sleep 0.3
  done
}

# dockur's finish(): only after QEMU ended by Windows' own doing, with its boot entry seen, and only if the ISO is there.
finish() {
  [ -e "$STORAGE/windows.boot" ] && return
  grep -q 'starting Boot.* "Windows Boot Manager" from HD(' /run/shm/qemu.pty || return
  [ -e "$STORAGE/$id.iso" ] || return
  touch "$STORAGE/windows.boot"
  rm -f "$STORAGE/$id.iso" "$STORAGE/setup.img"
}
