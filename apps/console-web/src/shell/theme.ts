import { createTheme, Modal } from '@mantine/core';

export const theme = createTheme({
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Its lock writes a <style> element, which the Content-Security-Policy refuses.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true } }),
    // Its <header> would count as a second head of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
  },
});
