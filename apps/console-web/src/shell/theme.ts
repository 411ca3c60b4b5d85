import { createTheme, Modal } from '@mantine/core';

export const theme = createTheme({
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Its lock writes a <style> element, which the Content-Security-Policy refuses.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true } }),
  },
});
